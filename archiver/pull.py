"""Carries out a night: source to vault to journal, account by account.

The order of writes is what makes a crash harmless: originals first, then the journal, then what is
derived. A crash between the first two leaves a file that the journal does not list, and the next
run lists it; the other way round, the journal would vouch for a message that we never had.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from archiver.archive import Archive
from archiver.config import AccountTable
from archiver.correspondence import Listed, decide
from archiver.fetching import Fetcher
from archiver.listing import Listing
from archiver.looking import Looker
from archiver.model import Standing
from archiver.night import Night
from archiver.outcome import Outcome, Rules
from archiver.progress import Progress
from archiver.source import ConnectionLostError, MailSource, ServerBusyError, SourceError

log = logging.getLogger(__name__)

_RETRIES = 3
_FIRST_PAUSE_S = 1.0
_BUSY_PAUSES_S = (5.0, 20.0, 60.0)  # where the server asks for a pause and does not say how long
_LONGEST_PAUSE_S = 300.0  # whoever asks for more is left alone until the next run


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

    A broken connection is made again, three times without any progress at the most; a server that
    asks for a pause gets it, three times too. Errors of the server end up in ``Outcome.error``;
    those of the archive's own disk are raised.
    """
    night = Night.begin(account, archive, listing, rules, progress)
    run = _Run(night)
    outcome = night.outcome
    tries = 0
    while True:
        before = outcome.received + outcome.recognised
        try:
            source = connect()
            try:
                # A source raises nothing but SourceError: what else comes is the archive's disk.
                with archive.writing():
                    run.once(source)
            finally:
                source.close()
        except SourceError as error:
            progressed = outcome.received + outcome.recognised > before
            tries = 1 if progressed else tries + 1
            wait_s = _pause_before(error, tries)
            if wait_s is None:
                outcome.error = error
                return outcome
            if isinstance(error, ServerBusyError):
                progress.say(f"{error} Trying again in {wait_s:.0f} seconds.")
            pause(wait_s)
        else:
            return outcome
        finally:
            progress.finish()
            with archive.writing():
                listing.commit()


def _pause_before(error: SourceError, tries: int) -> float | None:
    """How long to wait, in seconds, before trying again; None: not in this run."""
    match error:
        case ServerBusyError() if tries <= len(_BUSY_PAUSES_S):
            wait_s = error.wait_s or _BUSY_PAUSES_S[tries - 1]
            return wait_s if wait_s <= _LONGEST_PAUSE_S else None
        case ConnectionLostError() if tries < _RETRIES:
            log.info("connection lost, trying again")
            return _FIRST_PAUSE_S * float(2 ** (tries - 1))
        case _:
            return None


class _Run:
    """One night of one account: look, decide, fetch, note; as often as it takes."""

    def __init__(self, night: Night) -> None:
        self._night = night
        self._entries_before = night.archive.journal.head.entries
        self._looker, self._fetcher = Looker(night), Fetcher(night)

    def once(self, source: MailSource) -> None:
        """Look at every folder, decide, fetch, and note that the look was complete."""
        night, listing = self._night, self._night.listing
        night.outcome.begin()
        new = self._looker.look(source)
        keep, read, revived = decide(new, listing.lookup)
        by_place = {message.place: message for message in new}
        again = self._looker.look_again(source, revived)
        by_place.update({m.place: m for m in again})
        keep.update({m.place: _standing_in_thread(m) for m in again})
        if night.rules.judge is None:
            read.clear()
        for message in new:
            if message.place not in keep and message.place not in read:
                listing.pass_over(message.place, message.ids, night.rules.fingerprint)
        listing.commit()
        wanted = [replace(by_place[place], standing=keep[place]) for place in sorted(keep)]
        maybe = [by_place[place] for place in sorted(read)]
        if wanted or maybe:
            night.progress.start(f"{night.account.name}: fetching", len(wanted) + len(maybe))
            self._fetcher.expect_moved(self._looker.uidvalidities())
            self._fetcher.fetch(source, wanted)
            self._fetcher.fetch_family(source, maybe)
            night.progress.finish()
        self._looker.finish()
        self._looker.note_look(self._entries_before)


def _standing_in_thread(message: Listed) -> Standing:
    return message.standing or (Standing.FAMILY if message.family else Standing.THREAD)
