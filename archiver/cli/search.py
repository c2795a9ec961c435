"""`papertrail search`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from archiver.cli.main import App
from archiver.cli.show import console, format_option, print_rows

if TYPE_CHECKING:
    from indexers.search.find import Found


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--after", type=click.DateTime(["%Y-%m-%d"]), help="Sent on this day or later.")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="Sent before this day.")
@click.option("--from", "sender", default="", help="Part of the sender's name or address.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 5000))
@format_option
@click.pass_obj
def search(
    app: App,
    words: tuple[str, ...],
    after: datetime | None,
    before: datetime | None,
    sender: str,
    limit: int,
    form: str,
) -> None:
    """Find messages and attachments in which all WORDS occur.

    "In quotes" means exactly these words one after another; OR, NOT and begin* work too.
    """
    from archiver.cli.reading import open_up_to_date  # noqa: PLC0415
    from indexers.search.find import Bounds, find  # noqa: PLC0415
    from indexers.search.whoosh_index import WhooshIndex  # noqa: PLC0415

    settings, query = app.settings, _join(words)
    bounds = Bounds(after.date() if after else None, before.date() if before else None, sender)
    with open_up_to_date(settings) as db:
        index = WhooshIndex(settings.archive.path / "derived" / "search")
        try:
            found = find(db, index, query, limit, bounds)
        finally:
            index.close()
    if form == "table":
        for hit in found:
            _print_hit(hit, app)
        click.echo(_tally(len(found), limit))
    else:
        print_rows([_record(hit) for hit in found], form, ())


def _join(words: tuple[str, ...]) -> str:
    """Words as typed; what the shell took the quotes off gets them back."""
    if len(words) == 1:
        return words[0]
    return " ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words)


def _print_hit(hit: Found, app: App) -> None:
    from rich.text import Text  # noqa: PLC0415

    sent = hit.sent.astimezone(app.settings.timezone) if hit.sent else None
    day = f"{sent:%Y-%m-%d}" if sent else "no date"
    sender = hit.sender.name or hit.sender.address or "unknown"
    line = Text(f"{day}  {sender}: ", style="bold")
    line.append(hit.subject or "(no subject)", style="not bold")
    if hit.standing in {"privileged", "family"}:
        line.append(f"  [{hit.standing}]", style="not bold")
    place = "" if hit.part == "body" else f"{hit.part}, page {hit.page or 1}: "
    words = Text(f"    {place}{hit.snippet}")
    for start, end in hit.marks:
        words.stylize("bold", 4 + len(place) + start, 4 + len(place) + end)
    more = f"  (and {hit.places - 1} more places)" if hit.places > 1 else ""
    out = console()
    out.print(line)
    out.print(words)
    out.print(Text(f"    {hit.digest[:12]}{more}", style="dim"))


def _tally(count: int, limit: int) -> str:
    if not count:
        return "Nothing was found. All words must occur in one message; try fewer, or begin*."
    shown = f" (the first {limit}; --limit shows more)" if count == limit else ""
    return f"{count} message{'' if count == 1 else 's'}{shown}"


def _record(hit: Found) -> dict[str, object]:
    return {
        "sha256": hit.digest,
        "message_id": hit.message_id,
        "date": hit.sent.isoformat() if hit.sent else None,
        "from": hit.sender.address,
        "name": hit.sender.name,
        "subject": hit.subject,
        "part": hit.part,
        "page": hit.page,
        "snippet": hit.snippet,
        "places": hit.places,
        "standing": hit.standing,
    }
