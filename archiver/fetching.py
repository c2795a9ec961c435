"""Fetching what belongs: bodies in batches, originals first, receipts after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archiver.catalogue import place_facts
from archiver.correspondence import Listed
from archiver.journal import EntryKind, format_time
from archiver.model import Digest, Place, Standing
from archiver.night import Night, by_folder
from archiver.plan import BIG, batches
from archiver.source import ConnectionLostError, FolderUnreadableError, MailSource
from archiver.vault import StagedOriginal

_BEGINNING = 1 << 14  # bytes by which a long message is told
_NO_ANSWER = "the server listed it but did not give it"


class Fetcher:
    """Brings home messages of one account."""

    def __init__(self, night: Night) -> None:
        self._night = night
        self._fragile: set[Place] = set()  # in flight when the connection broke: fetched alone
        self._hopeless: dict[Place, str] = {}  # broke it even alone: left for the next run; why
        self._displaced: Mapping[int, Sequence[Digest]] = {}  # by size in bytes

    def expect_moved(self, uidvalidities: Mapping[str, int]) -> None:
        """Messages whose place is gone may turn up in another: they need not be fetched again."""
        catalogue = self._night.archive.catalogue
        self._displaced = catalogue.displaced(self._night.account.name, uidvalidities)

    def fetch(
        self, source: MailSource, messages: Sequence[Listed], *, judged: bool = False
    ) -> list[Listed]:
        """Fetch and keep messages.

        Args:
            source: connected.
            messages: with their standing decided, unless ``judged``.
            judged: each is read first; those that do not speak of the child's schooling are not
                kept but returned.
        """
        refused: list[Listed] = []
        for folder, group in by_folder(message.place for message in messages):
            try:
                opened = source.examine(folder)
            except FolderUnreadableError as error:
                self._night.outcome.notes.append(f"{error} {error.hint}")
                continue
            if opened.uidvalidity != group[0].uidvalidity:
                self._night.outcome.notes.append(
                    f"Folder {folder!r} was rebuilt by the server while it was being read; "
                    "the next run reads it anew."
                )
                continue
            places = set(group)
            here = [m for m in messages if m.place in places and m.place not in self._hopeless]
            for place in group:
                if place in self._hopeless:
                    self._night.fail(place, self._hopeless[place])
            here = self._recognise(source, here)
            solid = [m for m in here if m.place not in self._fragile]
            alone = [[m] for m in here if m.place in self._fragile]
            for batch in [*batches(solid), *alone]:
                refused += self._receive(source, batch, judged=judged)
                self._night.progress.step(len(batch))
        return refused

    def fetch_family(self, source: MailSource, maybe: Sequence[Listed]) -> None:
        """Read mail among the family; then what answers such mail that was kept."""
        refused = self.fetch(source, maybe, judged=True)
        not_kept = {message.place for message in refused}
        kept_keys = {key for m in maybe if m.place not in not_kept for key in m.ids}
        answers = [m for m in refused if kept_keys.intersection(m.ids)]
        for message in refused:
            if message not in answers:
                fingerprint = self._night.rules.fingerprint
                self._night.listing.pass_over(message.place, message.ids, fingerprint)
        self.fetch(source, [replace(m, standing=Standing.FAMILY) for m in answers])

    # -- what need not be fetched ----------------------------------------------------------------

    def _recognise(self, source: MailSource, messages: list[Listed]) -> list[Listed]:
        """Tell held messages in new places by how they begin; the rest is returned.

        A short message is compared byte for byte. Of a long one the first 16 KiB, which hold the
        Received lines of this one delivery, and the size are: other bytes behind them would take a
        server that rewrites attachments. The journal says how each was told.
        """
        likely = {m.place.uid: m for m in messages if m.size in self._displaced}
        if not likely:
            return messages
        told: list[tuple[Listed, Digest]] = []
        for fetched in source.beginnings(sorted(likely), _BEGINNING):
            message = likely[fetched.uid]
            digest = self._held_as(fetched.content, message.size)
            if digest is not None:
                told.append((message, digest))
        self._night.archive.record((EntryKind.MATCHED, _match(m, d)) for m, d in told)
        for message, _ in told:
            self._night.listing.forget(message.place)
            self._night.outcome.recognised += 1
            self._night.outcome.count_held(message.place)
        self._night.progress.step(len(told))
        known = {message.place for message, _ in told}
        return [message for message in messages if message.place not in known]

    def _held_as(self, beginning: bytes, size: int) -> Digest | None:
        if len(beginning) != min(size, _BEGINNING):
            return None
        vault = self._night.archive.vault
        for digest in self._displaced[size]:
            path = vault.path(digest)
            there = path.exists() and path.stat().st_size == size
            if there and vault.read_head(digest, _BEGINNING) == beginning:
                return digest
        return None

    # -- fetching --------------------------------------------------------------------------------

    def _receive(self, source: MailSource, batch: list[Listed], *, judged: bool) -> list[Listed]:
        try:
            return self._receive_batch(source, batch, judged=judged)
        except ConnectionLostError as error:
            if len(batch) == 1 and batch[0].place in self._fragile:
                why = f"the connection breaks whenever it is asked for: {error.why}"
                self._hopeless[batch[0].place] = why
            self._fragile.update(m.place for m in batch)
            raise
        except FolderUnreadableError as error:
            if len(batch) == 1:
                self._night.fail(batch[0].place, f"the server refuses to give it: {error.why}")
                return []
            # One message may spoil the answer for all: ask for each by itself.
            return [m for one in batch for m in self._receive(source, [one], judged=judged)]

    def _receive_batch(
        self, source: MailSource, batch: list[Listed], *, judged: bool
    ) -> list[Listed]:
        if len(batch) == 1 and batch[0].size >= BIG and not judged:
            self._receive_big(source, batch[0])
            return []
        archive = self._night.archive
        waiting = {message.place.uid: message for message in batch}
        staged: list[tuple[Listed, StagedOriginal]] = []
        refused: list[Listed] = []
        for fetched in source.bodies([m.place.uid for m in batch]):
            message = waiting.pop(fetched.uid)
            if judged and not self._speaks_of_school(fetched.content):
                refused.append(message)
                continue
            if judged:
                message = replace(message, standing=Standing.FAMILY)
            with archive.writing():
                staged.append((message, archive.vault.stage([fetched.content])))
        self._keep(staged)
        for uid in sorted(waiting.keys() & set(source.uids())) if waiting else ():
            self._night.fail(waiting[uid].place, _NO_ANSWER)
        return refused

    def _receive_big(self, source: MailSource, message: Listed) -> None:
        archive = self._night.archive
        with archive.writing():
            staged = archive.vault.stage(source.pieces(message.place.uid, message.size))
        if staged.size == 0:
            archive.vault.discard([staged])
            if message.place.uid in source.uids():
                self._night.fail(message.place, _NO_ANSWER)
            return
        self._keep([(message, staged)])

    def _keep(self, staged: list[tuple[Listed, StagedOriginal]]) -> None:
        """Originals, then their receipts, then what is derived."""
        if not staged:
            return
        archive, outcome, listing = self._night.archive, self._night.outcome, self._night.listing
        with archive.writing():
            archive.vault.keep([original for _, original in staged])
        fresh = {original.digest for _, original in staged}
        fresh -= archive.catalogue.holding(fresh)
        archive.record((EntryKind.RECEIVED, _receipt(m, o)) for m, o in staged)
        for message, original in staged:
            listing.forget(message.place)
            keys = message.ids if message.topic is None else (*message.ids, message.topic)
            listing.keep(original.digest, _decided(message), keys)
            outcome.received += 1
            outcome.bytes += original.size
            outcome.count_held(message.place)
        outcome.new_originals += len(fresh)

    def _speaks_of_school(self, content: bytes) -> bool:
        assert self._night.rules.judge is not None
        return self._night.rules.judge(content, self._night.staff)


def _receipt(message: Listed, original: StagedOriginal) -> dict[str, object]:
    return {
        **place_facts(message.place),
        "sha256": original.digest,
        "size": original.size,
        "standing": _decided(message),
        **_seen(message),
    }


def _match(message: Listed, digest: Digest) -> dict[str, object]:
    facts = {**place_facts(message.place), "sha256": digest, "size": message.size}
    basis = "all bytes" if message.size <= _BEGINNING else f"size and first {_BEGINNING} bytes"
    return {**facts, "basis": basis, **_seen(message)}


def _seen(message: Listed) -> dict[str, object]:
    """What the server says of a message beside its bytes."""
    facts: dict[str, object] = {}
    if message.internal_date is not None:
        facts["internal_date"] = format_time(message.internal_date)
    if message.labels:
        facts["labels"] = list(message.labels)
    if message.origin:
        facts["file"] = message.origin
    return facts


def _decided(message: Listed) -> Standing:
    assert message.standing is not None, "only messages that were decided on are kept"
    return message.standing
