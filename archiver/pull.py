"""Carries out a night: source to vault to journal, account by account.

The order of writes is what makes a crash harmless: originals first, then the journal, then what is
derived. A crash between the first two leaves a file that the journal does not list, and the next
run lists it; the other way round, the journal would vouch for a message that we never had.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from archiver.archive import Archive
from archiver.catalogue import place_facts
from archiver.config import AccountTable
from archiver.correspondence import Listed, decide, standing_of, weigh
from archiver.errors import ArchiveError
from archiver.headers import PEOPLE, read_headers
from archiver.journal import EntryKind, format_time
from archiver.listing import Listing
from archiver.model import Person, Place, Role, Standing
from archiver.plan import BIG, batches, choose_folders, is_whole, plan_folder
from archiver.progress import Progress
from archiver.roles import AddressBook
from archiver.source import (
    ConnectionLostError,
    Fetched,
    FolderUnreadableError,
    Head,
    MailSource,
    SourceError,
)
from archiver.vault import StagedOriginal

log = logging.getLogger(__name__)

Judge = Callable[[bytes, frozenset[str]], bool]
"""Whether a message among the family speaks of the child's schooling; the set: names of staff."""

_RETRIES = 3
_FIRST_PAUSE_S = 1.0
_NO_HEADERS = "the server listed it but gave no headers for it"
_NO_ANSWER = "the server listed it but did not give it"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a pull goes by, apart from the accounts."""

    book: AddressBook
    fingerprint: str  # changes whenever anything does that decides what belongs
    judge: Judge | None  # None: mail among the family alone is left out

    def counts(self, people: Sequence[Person]) -> bool:
        """Whether a message belongs by its people alone."""
        return self.book.everything or standing_of(people, self.book) is not None


@dataclass(slots=True)
class FolderTally:
    """What one folder came to."""

    folder: str
    uidvalidity: int
    listed: int = 0
    held: int = 0


@dataclass(slots=True)
class Outcome:
    """What a night came to for one account."""

    account: str
    folders: list[FolderTally] = field(default_factory=list)
    received: int = 0  # receipts of this run
    new_originals: int = 0
    bytes: int = 0
    vanished: int = 0
    returned: int = 0
    failed: list[tuple[Place, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # sentences a person should read
    error: ArchiveError | None = None  # the account was not looked at to its end

    @property
    def needs_attention(self) -> bool:
        """Whether a person should look."""
        return bool(self.failed or self.notes or self.error)


def pull_account(
    account: AccountTable,
    connect: Callable[[], MailSource],
    archive: Archive,
    listing: Listing,
    rules: Rules,
    progress: Progress,
    *,
    pause: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Bring home what is new in one account.

    A broken connection is made again, three times without any progress at the most. Errors of the
    server end up in ``Outcome.error``; those of the archive's own disk are raised.
    """
    night = _Night(account, archive, listing, rules, progress)
    tries = 0
    while True:
        before = night.outcome.received
        try:
            source = connect()
            try:
                night.run(source)
            finally:
                source.close()
        except ConnectionLostError as error:
            tries = 1 if night.outcome.received > before else tries + 1
            if tries >= _RETRIES:
                night.outcome.error = error
                return night.outcome
            log.info("connection lost, trying again")
            pause(_FIRST_PAUSE_S * 2 ** (tries - 1))
        except SourceError as error:
            night.outcome.error = error
            return night.outcome
        else:
            return night.outcome
        finally:
            listing.commit()
            progress.finish()


class _Night:
    """One account's run; survives reconnecting."""

    def __init__(
        self,
        account: AccountTable,
        archive: Archive,
        listing: Listing,
        rules: Rules,
        progress: Progress,
    ) -> None:
        self.account, self.archive, self.listing = account, archive, listing
        self.rules, self.progress = rules, progress
        self.outcome = Outcome(account.name)
        self.known_failures = {f.place: f.reason for f in archive.catalogue.failures()}
        self.fragile: set[Place] = set()  # in flight when the connection broke: fetched alone
        self.hopeless: set[Place] = set()  # broke it even alone: left for the next run
        self.entries_before = archive.journal.head.entries
        self.staff = listing.staff()

    def run(self, source: MailSource) -> None:
        """Look at every folder, decide, fetch, and note that the look was complete."""
        self.outcome.folders.clear()
        self.outcome.notes.clear()
        self.outcome.failed.clear()
        new = self._list(source)
        keep, read, revived = decide(new, self.listing.lookup)
        by_place = {message.place: message for message in new}
        again = self._list_again(source, revived)
        by_place.update({m.place: m for m in again})
        keep.update({m.place: _standing_in_thread(m) for m in again})
        if self.rules.judge is None:
            read.clear()
        for message in new:
            if message.place not in keep and message.place not in read:
                self.listing.pass_over(message.place, message.ids, self.rules.fingerprint)
        self.listing.commit()
        wanted = [replace(by_place[place], standing=keep[place]) for place in sorted(keep)]
        maybe = [by_place[place] for place in sorted(read)]
        self.progress.start(f"{self.account.name}: fetching", len(wanted) + len(maybe))
        self._fetch(source, wanted, judged=False)
        self._fetch_family(source, maybe)
        self.progress.finish()
        self._note_look()

    # -- listing ---------------------------------------------------------------------------------

    def _list(self, source: MailSource) -> list[Listed]:
        choice = choose_folders(
            source.folders(), self.account.folders, self.account.exclude_folders
        )
        for name, near in choice.absent:
            advice = f"; there is one called {near!r}" if near else ""
            self.outcome.notes.append(
                f"Account {self.account.name!r}: there is no folder {name!r} on the server{advice}."
            )
        if not choice.chosen:
            self.outcome.notes.append(
                f"Account {self.account.name!r}: the server showed no folder that is to be looked "
                "at. Check `folders` and `exclude_folders` in the configuration."
            )
        new: list[Listed] = []
        for folder in choice.chosen:
            try:
                new += self._list_folder(source, folder.name)
            except FolderUnreadableError as error:
                self.outcome.notes.append(f"{error} {error.hint}")
        return new

    def _list_folder(self, source: MailSource, folder: str) -> list[Listed]:
        account, catalogue = self.account.name, self.archive.catalogue
        opened = source.examine(folder)
        uids = source.uids()
        validity = opened.uidvalidity
        held = catalogue.held(account, folder, validity)
        passed = self.listing.passed(account, folder, validity, self.rules.fingerprint)
        plan = plan_folder(uids, held, passed)
        self._note_changes(folder, validity, plan.vanished, plan.returned, set(uids))
        if plan.vanished and not uids:
            self.outcome.notes.append(
                f"Folder {folder!r} of account {account!r} is suddenly empty on the server. The "
                f"archive keeps the {len(plan.vanished)} messages it has from there."
            )
        tally = FolderTally(folder, validity, len(uids), len(held) - len(plan.vanished))
        self.outcome.folders.append(tally)
        if not plan.new:
            return []
        self.progress.start(f"{account}: looking at {folder}", len(plan.new))
        whole = is_whole(folder, self.account.whole_folders)
        listed, answered = [], set()
        for head in source.heads(plan.new):
            answered.add(head.uid)
            listed.append(self._weigh(Place(account, folder, validity, head.uid), head, whole))
            self.progress.step()
        silent = set(plan.new) - answered
        if silent:
            # Gone since it was listed is no failure: ask once more what is there.
            for uid in sorted(silent & set(source.uids())):
                self._fail(Place(account, folder, validity, uid), _NO_HEADERS)
        return listed

    def _weigh(self, place: Place, head: Head, whole: bool) -> Listed:
        headers = read_headers(head.header)
        people = headers.people(*PEOPLE)
        book = self.rules.book
        for person in people:
            unknown = person.name and person.name not in self.staff
            if unknown and book.role_of(person.address) is Role.SCHOOL:
                self.listing.add_staff([person.name])
                self.staff |= {person.name}
        return weigh(place, head, headers, people, book, whole=whole)

    def _list_again(self, source: MailSource, places: Iterable[Place]) -> list[Listed]:
        """Headers of messages that were passed over and that a thread now claims."""
        found: list[Listed] = []
        tallies = {tally.folder: tally for tally in self.outcome.folders}
        for folder, group in _by_folder(places):
            here = [p for p in group if p.account == self.account.name]
            for place in group:
                if place not in here:
                    self.listing.forget(place)  # that account's next run lists it as new
            if not here or folder not in tallies:
                continue
            if source.examine(folder).uidvalidity != here[0].uidvalidity:
                continue
            for head in source.heads(sorted(p.uid for p in here)):
                place = replace(here[0], uid=head.uid)
                found.append(self._weigh(place, head, whole=False))
        return found

    # -- fetching --------------------------------------------------------------------------------

    def _fetch_family(self, source: MailSource, maybe: Sequence[Listed]) -> None:
        """Read mail among the family; then what answers such mail that was kept."""
        refused = self._fetch(source, maybe, judged=True)
        kept_keys = {
            key for m in maybe if m.place not in {r.place for r in refused} for key in m.ids
        }
        answers = [m for m in refused if kept_keys.intersection(m.ids)]
        for message in refused:
            if message not in answers:
                self.listing.pass_over(message.place, message.ids, self.rules.fingerprint)
        self._fetch(source, [replace(m, standing=Standing.FAMILY) for m in answers], judged=False)

    def _fetch(
        self, source: MailSource, messages: Sequence[Listed], *, judged: bool
    ) -> list[Listed]:
        """Fetch and keep messages; those that the judge refuses are returned instead."""
        refused: list[Listed] = []
        for folder, group in _by_folder(message.place for message in messages):
            try:
                opened = source.examine(folder)
            except FolderUnreadableError as error:
                self.outcome.notes.append(f"{error} {error.hint}")
                continue
            if opened.uidvalidity != group[0].uidvalidity:
                self.outcome.notes.append(
                    f"Folder {folder!r} was rebuilt by the server while it was being read; "
                    "the next run reads it anew."
                )
                continue
            places = set(group)
            here = [m for m in messages if m.place in places and m.place not in self.hopeless]
            solid = [m for m in here if m.place not in self.fragile]
            alone = [[m] for m in here if m.place in self.fragile]
            for batch in [*batches(solid), *alone]:
                refused += self._receive(source, batch, judged=judged)
                self.progress.step(len(batch))
        return refused

    def _receive(self, source: MailSource, batch: list[Listed], *, judged: bool) -> list[Listed]:
        try:
            return self._receive_batch(source, batch, judged=judged)
        except ConnectionLostError as error:
            if len(batch) == 1 and batch[0].place in self.fragile:
                self.hopeless.add(batch[0].place)
                self._fail(
                    batch[0].place, f"the connection breaks whenever it is asked for: {error.why}"
                )
            self.fragile.update(m.place for m in batch)
            raise
        except FolderUnreadableError as error:
            if len(batch) == 1:
                self._fail(batch[0].place, f"the server refuses to give it: {error.why}")
                return []
            # One message may spoil the answer for all: ask for each by itself.
            return [m for one in batch for m in self._receive(source, [one], judged=judged)]

    def _receive_batch(
        self, source: MailSource, batch: list[Listed], *, judged: bool
    ) -> list[Listed]:
        if len(batch) == 1 and batch[0].size >= BIG and not judged:
            self._receive_big(source, batch[0])
            return []
        waiting = {message.place.uid: message for message in batch}
        staged: list[tuple[Listed, StagedOriginal]] = []
        refused: list[Listed] = []
        for fetched in source.bodies([m.place.uid for m in batch]):
            message = waiting.pop(fetched.uid)
            if judged and not self._speaks_of_school(fetched):
                refused.append(message)
                continue
            if judged:
                message = replace(message, standing=Standing.FAMILY)
            with self.archive.writing():
                staged.append((message, self.archive.vault.stage([fetched.content])))
        self._keep(staged)
        for uid in sorted(waiting.keys() & set(source.uids())) if waiting else ():
            self._fail(waiting[uid].place, _NO_ANSWER)
        return refused

    def _receive_big(self, source: MailSource, message: Listed) -> None:
        with self.archive.writing():
            staged = self.archive.vault.stage(source.pieces(message.place.uid, message.size))
        if staged.size == 0:
            self.archive.vault.discard([staged])
            if message.place.uid in source.uids():
                self._fail(message.place, _NO_ANSWER)
            return
        self._keep([(message, staged)])

    def _keep(self, staged: list[tuple[Listed, StagedOriginal]]) -> None:
        """Originals, then their receipts, then what is derived."""
        if not staged:
            return
        with self.archive.writing():
            self.archive.vault.keep([original for _, original in staged])
        fresh = {original.digest for _, original in staged}
        fresh -= self.archive.catalogue.holding(fresh)
        self.archive.record((EntryKind.RECEIVED, _receipt(m, o)) for m, o in staged)
        for message, original in staged:
            self.listing.forget(message.place)
            keys = message.ids if message.topic is None else (*message.ids, message.topic)
            self.listing.keep(original.digest, _decided(message), keys)
            self.outcome.received += 1
            self.outcome.bytes += original.size
        self.outcome.new_originals += len(fresh)
        self._count_held(message.place for message, _ in staged)

    def _speaks_of_school(self, fetched: Fetched) -> bool:
        assert self.rules.judge is not None
        return self.rules.judge(fetched.content, self.staff)

    # -- noting ----------------------------------------------------------------------------------

    def _note_changes(
        self,
        folder: str,
        validity: int,
        vanished: Sequence[int],
        returned: Sequence[int],
        listed: set[int],
    ) -> None:
        account, catalogue = self.account.name, self.archive.catalogue
        entries: list[tuple[EntryKind, dict[str, object]]] = []
        if validity not in catalogue.epochs(account, folder):
            facts = {"account": account, "folder": folder, "uidvalidity": validity}
            entries.append((EntryKind.EPOCH, facts))
        look = catalogue.looks().get(account)
        last_seen = {"last_seen": format_time(look.at)} if look else {}
        gone_failures = [
            p.uid
            for p in self.known_failures
            if (p.account, p.folder, p.uidvalidity) == (account, folder, validity)
            and p.uid not in listed
        ]
        for uid in [*vanished, *gone_failures]:
            place = Place(account, folder, validity, uid)
            self.known_failures.pop(place, None)
            entries.append((EntryKind.MISSING, {**place_facts(place), **last_seen}))
        entries += [
            (EntryKind.RETURNED, place_facts(Place(account, folder, validity, uid)))
            for uid in returned
        ]
        self.archive.record(entries)
        self.outcome.vanished += len(vanished)
        self.outcome.returned += len(returned)

    def _fail(self, place: Place, reason: str) -> None:
        self.outcome.failed.append((place, reason))
        if self.known_failures.get(place) != reason:
            self.known_failures[place] = reason
            self.archive.record([(EntryKind.FAILED, {**place_facts(place), "reason": reason})])

    def _count_held(self, places: Iterable[Place]) -> None:
        tallies = {tally.folder: tally for tally in self.outcome.folders}
        for place in places:
            tallies[place.folder].held += 1

    def _note_look(self) -> None:
        """Journal that the account was looked at: with news, or else once a day."""
        facts = [
            {"folder": t.folder, "uidvalidity": t.uidvalidity, "listed": t.listed, "held": t.held}
            for t in self.outcome.folders
        ]
        look = self.archive.catalogue.looks().get(self.account.name)
        quiet = self.archive.journal.head.entries == self.entries_before
        if look and quiet and look.at.date() == self.archive.now().date():
            return
        looked = {"account": self.account.name, "folders": facts}
        self.archive.record([(EntryKind.LOOKED, looked)])


def _receipt(message: Listed, original: StagedOriginal) -> dict[str, object]:
    facts = {
        **place_facts(message.place),
        "sha256": original.digest,
        "size": original.size,
        "standing": _decided(message),
    }
    if message.internal_date is not None:
        facts["internal_date"] = format_time(message.internal_date)
    return facts


def _decided(message: Listed) -> Standing:
    assert message.standing is not None, "only messages that were decided on are kept"
    return message.standing


def _standing_in_thread(message: Listed) -> Standing:
    return message.standing or (Standing.FAMILY if message.family else Standing.THREAD)


def _by_folder(places: Iterable[Place]) -> list[tuple[str, list[Place]]]:
    groups: dict[str, list[Place]] = {}
    for place in places:
        groups.setdefault(place.folder, []).append(place)
    return list(groups.items())
