"""Looking at an account: what is listed, what is new, what is gone; no more than headers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from archiver.catalogue import place_facts
from archiver.correspondence import Listed, weigh
from archiver.headers import PEOPLE, read_headers
from archiver.journal import EntryKind, format_time
from archiver.model import Place, Role
from archiver.night import Night, by_folder
from archiver.outcome import FolderTally
from archiver.plan import choose_folders, is_whole, plan_folder
from archiver.source import FolderUnreadableError, Head, MailSource, Opened

_NO_HEADERS = "the server listed it but gave no headers for it"

Entry = tuple[EntryKind, dict[str, object]]


class Looker:
    """Lists what an account has, and journals what changed there since the last look."""

    def __init__(self, night: Night) -> None:
        self._night = night
        self._account = night.account.name
        self._opened: dict[str, Opened] = {}  # every folder that was looked at to its end
        self._lasting = True

    def look(self, source: MailSource) -> list[Listed]:
        """Look at every folder; messages that are new, weighed by their headers."""
        account, notes = self._night.account, self._night.outcome.notes
        self._opened.clear()
        self._lasting = source.lasting
        there = source.folders()
        choice = choose_folders(there, account.folders, account.exclude_folders)
        for name, near in choice.absent:
            advice = f"; there is one called {near!r}" if near else ""
            notes.append(
                f"Account {account.name!r}: there is no folder {name!r} on the server{advice}."
            )
        if not choice.chosen:
            notes.append(
                f"Account {account.name!r}: the server showed no folder that is to be looked "
                "at. Check `folders` and `exclude_folders` in the configuration."
            )
        if there and source.lasting:
            self._note_gone_folders({folder.name for folder in there})
        new: list[Listed] = []
        for folder in choice.chosen:
            try:
                new += self._look_into(source, folder.name)
            except FolderUnreadableError as error:
                notes.append(f"{error} {error.hint}")
        return new

    def look_again(self, source: MailSource, places: Iterable[Place]) -> list[Listed]:
        """Headers of messages that were passed over and that a thread now claims."""
        found: list[Listed] = []
        for folder, group in by_folder(places):
            here = [place for place in group if place.account == self._account]
            for place in group:
                if place not in here:
                    # That account's next run lists it as new.
                    self._night.listing.forget(place)
            if not here or folder not in self._opened:
                continue
            if source.examine(folder).uidvalidity != here[0].uidvalidity:
                continue
            for head in source.heads(sorted(place.uid for place in here)):
                place = replace(here[0], uid=head.uid)
                found.append(self._weigh(place, head, whole=False))
        return found

    def finish(self) -> None:
        """After all was fetched: old numberings end, and what is settled need not be listed."""
        failed = {place.folder for place, _ in self._night.outcome.failed}
        for folder, opened in self._opened.items():
            if folder in failed:
                continue
            self._end_old_epochs(folder, opened.uidvalidity)
            self._night.listing.settle(self._account, folder, opened, self._night.rules.fingerprint)

    def uidvalidities(self) -> dict[str, int]:
        """Of every folder that was looked at."""
        return {folder: opened.uidvalidity for folder, opened in self._opened.items()}

    def note_look(self, entries_before: int) -> None:
        """Journal that the account was looked at: with news, or else once a day."""
        archive = self._night.archive
        if not self._lasting:
            return
        facts = [
            {"folder": t.folder, "uidvalidity": t.uidvalidity, "listed": t.listed, "held": t.held}
            for t in self._night.outcome.folders
        ]
        look = archive.catalogue.looks().get(self._account)
        quiet = archive.journal.head.entries == entries_before
        if look and quiet and look.at.date() == archive.now().date():
            return
        archive.record([(EntryKind.LOOKED, {"account": self._account, "folders": facts})])

    def _look_into(self, source: MailSource, folder: str) -> list[Listed]:
        night = self._night
        opened = source.examine(folder)
        validity = opened.uidvalidity
        held = night.archive.catalogue.held(self._account, folder, validity)
        missing = sum(held.values())
        fingerprint = night.rules.fingerprint
        if opened.modseq and night.listing.settled(self._account, folder, fingerprint) == opened:
            # No message came or went since a look that left nothing to do (RFC 7162, 3.1.2.1).
            self._opened[folder] = opened
            tally = FolderTally(folder, validity, opened.count, len(held) - missing)
            night.outcome.folders.append(tally)
            return []
        uids = source.uids()
        if len(uids) < opened.count:
            opened, uids = self._list_again(source, folder, opened)
        passed = night.listing.passed(self._account, folder, validity, fingerprint)
        plan = plan_folder(uids, held, passed)
        if not source.lasting:
            plan = replace(plan, vanished=(), returned=())
        self._note_changes(folder, validity, plan.vanished, plan.returned, set(uids))
        if plan.vanished and not uids:
            night.outcome.notes.append(
                f"Folder {folder!r} of account {self._account!r} is suddenly empty on the server. "
                f"The archive keeps the {len(plan.vanished)} messages it has from there."
            )
        still = len(held) - missing - len(plan.vanished) + len(plan.returned)
        night.outcome.folders.append(FolderTally(folder, validity, len(uids), still))
        if len(uids) >= opened.count:
            self._opened[folder] = opened
        if not plan.new:
            return []
        night.progress.start(f"{self._account}: looking at {folder}", len(plan.new))
        whole = is_whole(folder, night.account.whole_folders)
        listed, answered = [], set()
        for head in source.heads(plan.new):
            answered.add(head.uid)
            place = Place(self._account, folder, validity, head.uid)
            listed.append(self._weigh(place, head, whole=whole))
            night.progress.step()
        silent = set(plan.new) - answered
        if silent:
            # Gone since it was listed is no failure: ask once more what is there.
            for uid in sorted(silent & set(source.uids())):
                night.fail(Place(self._account, folder, validity, uid), _NO_HEADERS)
        return listed

    def _list_again(
        self, source: MailSource, folder: str, opened: Opened
    ) -> tuple[Opened, list[int]]:
        """Fewer messages listed than counted: deleted in between, or the server is not whole."""
        again, uids = source.examine(folder), source.uids()
        if again.uidvalidity == opened.uidvalidity:
            opened = again
        if len(uids) < again.count:
            self._night.outcome.notes.append(
                f"Folder {folder!r} of account {self._account!r}: the server counts {again.count} "
                f"messages there and lists only {len(uids)}. The next run looks again."
            )
        return opened, uids

    def _weigh(self, place: Place, head: Head, *, whole: bool) -> Listed:
        night = self._night
        headers = read_headers(head.header)
        people = headers.people(*PEOPLE)
        book = night.rules.book
        for person in people:
            unknown = person.name and person.name not in night.staff
            if unknown and book.role_of(person.address) is Role.SCHOOL:
                night.listing.add_staff([person.name])
                night.staff |= {person.name}
        return weigh(place, head, headers, people, book, whole=whole)

    # -- what changed on the server --------------------------------------------------------------

    def _note_changes(
        self,
        folder: str,
        validity: int,
        vanished: Sequence[int],
        returned: Sequence[int],
        listed: set[int],
    ) -> None:
        night, catalogue = self._night, self._night.archive.catalogue
        entries: list[Entry] = []
        epochs = catalogue.epochs(self._account, folder)
        if validity not in epochs:
            facts = {"account": self._account, "folder": folder, "uidvalidity": validity}
            entries.append((EntryKind.EPOCH, facts))
        gone_failures = [
            p
            for p in night.known_failures
            if (p.account, p.folder, p.uidvalidity) == (self._account, folder, validity)
            and p.uid not in listed
        ]
        gone = [Place(self._account, folder, validity, uid) for uid in vanished]
        entries += self._missing([*gone, *gone_failures])
        entries += [
            (EntryKind.RETURNED, place_facts(Place(self._account, folder, validity, uid)))
            for uid in returned
        ]
        night.archive.record(entries)
        night.outcome.vanished += len(vanished)
        night.outcome.returned += len(returned)

    def _note_gone_folders(self, there: set[str]) -> None:
        """A folder that was renamed or deleted takes its messages' places with it."""
        night = self._night
        for folder, places in night.archive.catalogue.listed_places(self._account).items():
            if folder in there:
                continue
            night.archive.record(self._missing(places))
            night.outcome.vanished += len(places)
            night.outcome.notes.append(
                f"Folder {folder!r} of account {self._account!r} is no longer on the server (it "
                f"was deleted or renamed). The archive keeps the {len(places)} messages it has "
                "from there."
            )

    def _end_old_epochs(self, folder: str, validity: int) -> None:
        """Numbers of an earlier UIDVALIDITY name nothing any more (RFC 9051, 2.3.1.1)."""
        night = self._night
        old = night.archive.catalogue.other_epochs(self._account, folder, validity)
        if not old:
            return
        night.archive.record(self._missing(old))
        lost = night.archive.catalogue.nowhere(old)
        night.outcome.vanished += lost
        gone = f"; {lost} of them are no longer there" if lost else ""
        night.outcome.notes.append(
            f"Folder {folder!r} of account {self._account!r} was rebuilt by the server: its "
            f"{len(old)} messages were looked for under new numbers{gone}. The archive keeps all."
        )

    def _missing(self, places: Iterable[Place]) -> list[Entry]:
        look = self._night.archive.catalogue.looks().get(self._account)
        last_seen = {"last_seen": format_time(look.at)} if look else {}
        entries: list[Entry] = []
        for place in places:
            self._night.known_failures.pop(place, None)
            entries.append((EntryKind.MISSING, {**place_facts(place), **last_seen}))
        return entries
