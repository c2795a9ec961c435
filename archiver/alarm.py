"""Pure: when a person is told that the nights fail, or work again, and in which words.

Told once when it begins to matter and once when it is over, not every night. The words are our own:
nothing of a message, no address, and nothing that a server said, which could be anybody's words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from archiver.health import Health, Trouble
from archiver.timetable import Timetable


class News(StrEnum):
    """What there is to tell."""

    FAILING = "failing"
    WORKING = "working"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class Failing:
    """Something that has gone wrong for some nights."""

    account: str  # "" for the job as a whole
    fault: str  # the name of the error
    since: datetime
    nights: int  # nights without a good look, this one included; at least 1


_FAULTS = {
    "UnknownHostError": "the mail server was not found; this computer may be offline",
    "NoAnswerError": "the mail server does not answer",
    "ConnectionLostError": "the connection to the mail server breaks",
    "ServerBusyError": "the mail server asks for a pause",
    "CertificateRefusedError": "the mail server could not prove who it is",
    "WrongPasswordError": "the mail server does not accept the password",
    "AppPasswordNeededError": "the mail server wants an app password",
    "PasswordMissingError": "no password was found on this computer",
    "SignInNeededError": "nobody has signed in on this computer yet",
    "SignInExpiredError": "the permission to read the mailbox has run out",
    "SignInRevokedError": "the permission to read the mailbox was taken back",
    "SignInScopeError": "the permission that was given is not one to read mail",
    "ArchiveUnwritableError": "the archive's disk is full, not connected or write-protected",
    "ArchiveInUseError": "another Paper Trail is at work on the archive",
    "JournalDamagedError": "the archive is damaged",
    "DigestMismatchError": "the archive is damaged",
}


def failing(health: Health | None, table: Timetable, now: datetime) -> list[Failing]:
    """What does not work, the job as a whole first.

    Nights are counted from the last good look; where there never was one, from the first failure.
    """
    if health is None:
        return []
    found = []
    if health.stopped:
        found.append(_failing("", health.stopped, health.last_run, table, now))
    found += [
        _failing(told.account, told.trouble, health.last_good.get(told.account, ""), table, now)
        for told in health.accounts
        if told.trouble
    ]
    return found


def news_for(
    found: Sequence[Failing], told: Mapping[str, str], ways: Sequence[str], after_nights: int
) -> list[tuple[str, News]]:
    """Who is to be told what.

    Args:
        found: as ``failing`` gives it.
        told: by way ("desktop", "mail"): when failing was told that way; missing or "" where it
            was not, or where it was told since that all works again.
        ways: those that are switched on.
        after_nights: how many nights may fail before anybody is told.

    Returns:
        Pairs of way and news. What could not be delivered is not in ``told``: it comes again.
    """
    worst = max((item.nights for item in found), default=0)
    tell: list[tuple[str, News]] = []
    for way in ways:
        if worst >= after_nights and not told.get(way):
            tell.append((way, News.FAILING))
        elif not worst and told.get(way):
            tell.append((way, News.WORKING))
    return tell


def in_words(fault: str) -> str:
    """A fault as half a sentence."""
    return _FAULTS.get(fault, "something went wrong on this computer")


def headline(news: News, found: Sequence[Failing]) -> str:
    """The subject of a mail, the title of a notification."""
    match news:
        case News.WORKING:
            return "Paper Trail works again"
        case News.TRIAL:
            return "Paper Trail: a trial of the alarm"
        case News.FAILING:
            nights = max(item.nights for item in found)
            return f"Paper Trail: no mail fetched for {_nights(nights)}"


def body(news: News, found: Sequence[Failing], table: Timetable, computer: str) -> str:
    """The whole text, in lines of a mail; ``computer`` is this one's name."""
    match news:
        case News.WORKING:
            lines = [
                f"The nightly job on the computer {computer} has looked at every mailbox to its "
                "end again.",
                "What came in meanwhile is fetched, unless it was deleted on the server before.",
            ]
        case News.TRIAL:
            lines = [
                f"This is how Paper Trail on the computer {computer} tells you when its nightly "
                "job fails.",
                "Nothing is wrong now.",
            ]
        case News.FAILING:
            lines = [
                f"The nightly job on the computer {computer} does not work.",
                "\n".join(_line(item, table) for item in found),
                "What is kept already is safe. What comes in meanwhile is fetched once it works "
                "again, unless it is deleted on the server before.",
                "What to do: `papertrail status` on that computer tells you.",
                "You are told this once, and once more when it works again.",
            ]
    return "\n\n".join(lines) + "\n"


def short(news: News, found: Sequence[Failing]) -> str:
    """The text of a notification."""
    if news is not News.FAILING:
        return "Nothing needs to be done."
    first = found[0]
    who = f"{first.account}: " if first.account else ""
    more = f" ({len(found) - 1} more)" if len(found) > 1 else ""
    return f"{who}{in_words(first.fault)}{more}. `papertrail status` tells what to do."


def _failing(account: str, trouble: Trouble, good: str, table: Timetable, now: datetime) -> Failing:
    since = datetime.fromisoformat(trouble.since)
    if good:
        nights = max(1, table.nights_behind(datetime.fromisoformat(good), now))
    else:
        nights = 1 + table.nights_behind(since, now)
    return Failing(account, trouble.fault, since, nights)


def _line(item: Failing, table: Timetable) -> str:
    who = f"Account {item.account}" if item.account else "The whole job"
    since = f"{item.since.astimezone(table.zone):%A, %B %d, %Y}"
    return f"{who}: {in_words(item.fault)} (since {since}, {_nights(item.nights)})."


def _nights(count: int) -> str:
    return "one night" if count == 1 else f"{count} nights"
