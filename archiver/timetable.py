"""Pure: when the nightly job is due, and how many nights it is behind.

Nights are those of the configured zone, whatever zone the computer is in. Everything is decided
from what was noted and what the clock says now, never from how long somebody slept: a computer that
was suspended, switched off or set to another time comes to the right answer at its next look.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SKEW = timedelta(minutes=5)  # what a clock may be set back by without anybody noticing
_FIRST_RETRY = timedelta(minutes=1)
_LAST_RETRY = timedelta(hours=1)
_SETTLE = timedelta(minutes=1)  # new mail seldom comes alone
_BETWEEN_LOOKS = timedelta(minutes=10)  # however much mail comes in


@dataclass(frozen=True, slots=True)
class Timetable:
    """Once a night, at a time of day in a zone."""

    at: time  # on the wall clock
    zone: ZoneInfo

    def slot(self, night: date) -> datetime:
        """The moment of one night, in UTC.

        A time that the clocks skip that night is taken as if they had not been put forward yet, so
        it is up to an hour later; of a time that comes twice, the first is taken.
        """
        return datetime.combine(night, self.at, self.zone).astimezone(UTC)

    def night_of(self, moment: datetime) -> date:
        """The night whose moment was the last one at or before ``moment``."""
        day = moment.astimezone(self.zone).date()
        near = (day + timedelta(days=n) for n in (1, 0, -1, -2))
        return next(night for night in near if self.slot(night) <= moment)

    def latest(self, moment: datetime) -> datetime:
        """The last slot at or before ``moment``."""
        return self.slot(self.night_of(moment))

    def following(self, moment: datetime) -> datetime:
        """The first slot after ``moment``."""
        day = moment.astimezone(self.zone).date()
        near = (self.slot(day + timedelta(days=n)) for n in (-1, 0, 1, 2, 3))
        return next(slot for slot in near if slot > moment)

    def nights_behind(self, good: datetime, now: datetime) -> int:
        """How many nights have come since ``good``; 0 where that is after now."""
        if good >= now:
            return 0
        return max(0, (self.night_of(now) - self.night_of(good)).days)


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of the runs so far; all moments aware."""

    good: datetime | None = None  # when the job was last done whole
    tried: datetime | None = None  # when it last ended, whichever way
    failures: int = 0  # in a row, up to ``tried``
    passing: bool = True  # whether the last failure may go away by itself
    mail: datetime | None = None  # when new mail was noticed that no run has seen

    def __post_init__(self) -> None:
        for moment in (self.good, self.tried, self.mail):
            if moment is not None and moment.utcoffset() is None:
                raise ValueError(f"needs a UTC offset: {moment!r}")


def due(table: Timetable, so_far: Situation, now: datetime, jitter: float = 0.0) -> datetime:
    """When the job is due: at ``now`` or before means at once.

    Args:
        table: the nights.
        so_far: what is noted of earlier runs. A note from the future (the clock was set back) is
            not believed, and the job is due at once: one run too many costs nothing.
        now: what the clock says.
        jitter: from 0 to 1; how much of a retry's pause is cut off, by half at the most.

    Returns:
        A moment no later than the next slot: no night is left out, whatever happened before.
    """
    good, tried = so_far.good, so_far.tried
    if so_far.failures and tried is not None:
        if tried > now:
            return now
        again = tried + _pause(so_far.failures, so_far.passing, jitter)
        return min(again, table.following(tried))
    if good is None or good > now + _SKEW:
        return now
    if good < table.latest(now):
        return table.latest(now)
    nightly = table.following(now)
    if so_far.mail is None:
        return nightly
    noticed = min(so_far.mail, now)
    return min(nightly, max(noticed + _SETTLE, good + _BETWEEN_LOOKS))


def _pause(failures: int, passing: bool, jitter: float) -> timedelta:
    """How long to wait after the n-th failure in a row, at most.

    Where a person has to do something, such as after a refused password, one more try is made and
    then none until the next night: providers lock accounts that log in wrongly again and again.
    """
    if not passing:
        return _LAST_RETRY if failures == 1 else timedelta(days=2)
    longest = min(_FIRST_RETRY * 2.0 ** min(failures - 1, 10), _LAST_RETRY)
    return longest * (1 - jitter / 2)
