"""Pure: the list of what is held back: date, people, ground. No subject and no word of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from archiver.model import Digest
from reports.disclosure import REASONS, Disclosure
from reports.model import MessageFacts


def withheld_rows(
    disclosure: Disclosure, messages: Mapping[Digest, MessageFacts], zone: ZoneInfo
) -> Iterator[dict[str, object]]:
    """One row a message, in order of date."""
    rows: list[dict[str, object]] = [
        {
            "date": found.sent.astimezone(zone).date().isoformat() if found.sent else "",
            "from": found.sender.address or found.sender.name,
            "to": "; ".join(p.address or p.name for p in found.recipients),
            "ground": ground,
            "why": REASONS[ground],
            "message_id": found.message_id,
            "sha256": digest,
        }
        for digest, ground in disclosure.withheld.items()
        if (found := messages.get(digest)) is not None
    ]
    yield from sorted(rows, key=lambda row: (str(row["date"]), str(row["sha256"])))
