"""Plain English for the codes of events: kinds, services, reasons, topics, dates."""

from __future__ import annotations

from datetime import date

from indexers.model import SERVICE_KINDS, Actor, EventKind, Precision, RecordedKind
from reports.model import Entry

KINDS: dict[EventKind | RecordedKind, str] = {
    EventKind.PROPOSAL: "Proposal",
    EventKind.REFUSAL: "Refusal",
    EventKind.OBJECTION: "Objection",
    EventKind.MISSED_SERVICE: "Missed service",
    EventKind.DELIVERED_SERVICE: "Service given",
    EventKind.MEETING: "Meeting",
    EventKind.REQUEST: "Request",
    EventKind.CONSENT: "Consent",
    EventKind.EVALUATION: "Evaluation",
    EventKind.ESCALATION: "Escalation",
    RecordedKind.CALL: "Call",
    RecordedKind.NOTE: "Note",
}
SERVICES = {
    "speech": "Speech therapy",
    "ot": "Occupational therapy",
    "pt": "Physical therapy",
    "counseling": "Counseling",
    "resource": "Special education instruction",
    "aide": "Aide",
    "behavior": "Behavior support",
    "nursing": "Nursing",
    "vision": "Vision services",
    "hearing": "Hearing services",
    "interpreter": "Interpreter",
    "mobility": "Orientation and mobility",
    "ape": "Adapted physical education",
    "transport": "Transportation",
    "assistive_tech": "Assistive technology",
    "accommodation": "Accommodation",
    "esy": "Extended school year",
    "social_work": "Social work",
    "psych": "Psychological services",
    "other": "Service",
}
REASONS = {
    "provider_absent": "the provider was absent",
    "vacancy": "the position is vacant",
    "school_event": "a school event",
    "closure": "the school was closed",
    "student_absent": "the student was absent",
    "not_scheduled": "it was not scheduled or not put in place",
    "unknown": "no reason stated",
}
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_TOPICS = {
    "iee": "independent evaluation",
    "pwn": "prior written notice",
    "makeup": "make-up time",
    "esy": "extended school year",
    "transport": "transportation",
}
_WHO = {Actor.SCHOOL: "the school", Actor.PARENT: "the parent", Actor.OTHER: "somebody else"}
_SENTENCES: dict[EventKind | RecordedKind, str] = {
    EventKind.PROPOSAL: "{Who} writes of something proposed{topics}.",
    EventKind.REFUSAL: "{Who} writes that something is declined{topics}.",
    EventKind.OBJECTION: "{Who} writes an objection{topics}.",
    EventKind.MEETING: "A meeting is reported or set for this day.",
    EventKind.REQUEST: "{Who} asks for something{topics}.",
    EventKind.CONSENT: "{Who} writes of giving consent{topics}.",
    EventKind.EVALUATION: "Results of an evaluation, or a decision on eligibility, are reported.",
    EventKind.ESCALATION: "A step of dispute resolution is reported.",
    RecordedKind.CALL: "A call is noted.",
    RecordedKind.NOTE: "Something is noted.",
}


def summary(entry: Entry) -> str:
    """A neutral sentence: what is reported, never that it is so."""
    if entry.kind in SERVICE_KINDS:
        given = "not given" if entry.kind is EventKind.MISSED_SERVICE else "given"
        details = [f"{entry.minutes} minutes"] if entry.minutes else []
        if entry.reason and entry.reason != "unknown":
            details.append(REASONS.get(entry.reason, entry.reason))
        more = f" ({'; '.join(details)})" if details else ""
        return f"{service(entry.service)} is reported as {given}{more}."
    who = _WHO[entry.actor]
    about = ", ".join(_TOPICS.get(topic, topic) for topic in entry.topics if topic != "other")
    return _SENTENCES[entry.kind].format(
        Who=who[0].upper() + who[1:], topics=f" (about: {about})" if about else ""
    )


def service(code: str | None) -> str:
    """A service's name."""
    return SERVICES.get(code or "other", "Service")


def day(on: date) -> str:
    """A day with its weekday: Wed, March 4, 2026."""
    return f"{on:%a, %B} {on.day}, {on.year}"


def when(on: date, end: date | None, precision: Precision) -> str:
    """The day or days of an entry, as exactly as the words name them."""
    if end is not None and end != on:
        return f"{day(on)} to {day(end)}"
    if precision is Precision.MESSAGE:
        return f"{day(on)} (day of the message)"
    return day(on)


def topic(code: str) -> str:
    """A topic's name."""
    return _TOPICS.get(code, code)
