"""Pure: which exhibits a volume holds, and their numbers; what was exported keeps its number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from archiver.errors import ArchiveError, ExitCode
from archiver.model import Digest
from indexers.model import Message
from reports.exhibits.model import Numbered, Plan, Profile
from reports.exhibits.register import Register


class NothingNewError(ArchiveError):
    """Everything chosen was exported before, in volumes that hold other things too."""

    exit_code = ExitCode.USAGE
    hint = "To make a volume again, byte for byte the same, use --again with its number."

    def __init__(self, volumes: Sequence[int]) -> None:
        listed = ", ".join(str(volume) for volume in volumes)
        super().__init__(f"All messages chosen are exhibits already, in volume {listed}.")


class NothingChosenError(ArchiveError):
    """The choice is empty."""

    exit_code = ExitCode.USAGE
    hint = "Widen --search, --after and --before, or name messages with --message."

    def __init__(self, withheld: int) -> None:
        rest = f" {withheld} were found but do not leave (see above)." if withheld else ""
        super().__init__(f"No message that may leave was chosen.{rest}")


def plan_volume(
    letters: Mapping[Digest, Message],
    chosen: Sequence[Digest],
    profile: Profile,
    register: Register,
    again: int | None = None,
) -> Plan:
    """Number what was chosen.

    The very messages of an earlier volume give that volume again. Otherwise what is new becomes the
    next volume, numbered on from the last; nothing that was exported is numbered anew.

    Raises:
        NothingChosenError, NothingNewError: there is nothing to number.
    """
    for volume in register.volumes:
        if again == volume.number or (again is None and volume.digests == frozenset(chosen)):
            return Plan(volume.number, volume.exhibits, volume.first_bates, again=True)
    if not chosen:
        raise NothingChosenError(0)
    known = register.digests
    new = [digest for digest in dict.fromkeys(chosen) if digest not in known]
    if not new:
        within = sorted({v.number for v in register.volumes if v.digests & frozenset(chosen)})
        raise NothingNewError(within)
    ordered = new if profile.order == "given" else sorted(new, key=lambda d: _when(letters[d]))
    groups = _threads(ordered, letters) if profile.unit == "thread" else [(d,) for d in ordered]
    start = register.next_number
    exhibits = tuple(Numbered(start + i, group) for i, group in enumerate(groups))
    return Plan(len(register.volumes) + 1, exhibits, register.next_bates, again=False)


def threads_of(messages: Iterable[Message]) -> dict[Digest, Digest]:
    """The first message of each message's conversation, by Message-ID and references."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    listed = sorted(messages, key=_when)
    for message in listed:
        own = root(message.message_id or message.digest)
        for other in (*message.references, *message.in_reply_to):
            parent[root(other)] = own
            own = root(own)
    first: dict[str, Digest] = {}
    return {m.digest: first.setdefault(root(m.message_id or m.digest), m.digest) for m in listed}


def _threads(
    ordered: Sequence[Digest], letters: Mapping[Digest, Message]
) -> list[tuple[Digest, ...]]:
    of = threads_of(letters.values())
    groups: dict[Digest, list[Digest]] = {}
    for digest in ordered:
        groups.setdefault(of[digest], []).append(digest)
    return [tuple(group) for group in groups.values()]


def _when(message: Message) -> tuple[bool, datetime | str, str]:
    """By date; what has none comes last."""
    if message.date is None:
        return (True, "", message.digest)
    return (False, message.date, message.digest)
