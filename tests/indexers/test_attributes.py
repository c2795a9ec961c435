"""Claims to days, services, minutes, reasons, topics and actors."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.model import Digest, Role, Standing
from indexers.attributes import events_of
from indexers.events import sentences_of
from indexers.mime import read_message
from indexers.model import Event, EventKind, Extracted, Family, Page, Part, Reading, Service
from indexers.rules.contract import Claim
from indexers.setting import letter_date
from indexers.settling import settle

THURSDAY = date(2026, 3, 5)
FAMILY = Family(
    ("Noor Haddad", "Noor"),
    (
        Service("speech", 30, 2, "week", None, None, "Ines Whitlock"),
        Service("ot", 30, 1, "week", None, None, "Paul Amsel; from 2026-01-12 Greta Holm"),
        Service("social_work", 20, 1, "week", None, None, "Ms. Odum"),
        Service("aide", 300, 5, "week", None, None, "Teresa Vail"),
        Service("transport", None, 10, "week", None, None, "Blue Hollow Transit"),
    ),
)
MISSED, GIVEN, MEETING = (
    EventKind.MISSED_SERVICE, EventKind.DELIVERED_SERVICE, EventKind.MEETING,
)  # fmt: skip


def events(
    kind: EventKind,
    body: str,
    *,
    sender: str = "Rita Sand <rita@school.example>",
    role: Role = Role.SCHOOL,
    subject: str = "Noor",
    attached: str = "",
    holding: str = "",
) -> list[Event]:
    """What is made of every sentence (that holds some words) if each tells of the kind."""
    raw = f"From: {sender}\r\nSubject: {subject}\r\n\r\n{body}"
    part = Part("2", "application/pdf", "sheet.pdf", b"", Digest(""), inline=False)
    texts = [(part, Extracted((Page(1, attached),), "test"))] if attached else []
    message = read_message(raw.encode())
    reading = Reading(message, texts, THURSDAY, role, Standing.SCHOOL)
    told = [s for s in sentences_of(reading) if holding in s.run.text]
    if attached:
        told = [s for s in told if s.part != "body"]
    claims = [Claim(kind, sentence, 0.9, "test") for sentence in told]
    return settle(event for claim in claims for event in events_of(claim, reading, FAMILY))


def days(found: list[Event]) -> list[str]:
    return [f"{e.on:%m-%d}" + (f"..{e.end:%m-%d}" if e.end else "") for e in found]


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        (MISSED, "No OT Tuesday; she will be back Friday.", ["03-03"]),
        (MISSED, "Speech fell through Monday, but I kept her a full 30 yesterday.", ["03-02"]),
        (GIVEN, "Speech fell through Monday, but I kept her a full 30 yesterday.", ["03-04"]),
        (MISSED, "There will be no nurse tomorrow.", ["03-06"]),
        (MISSED, "The tablet cracked on the 2nd and it still does not turn on.", ["03-02..03-05"]),
        (MISSED, "Nobody came for her OT.", ["03-05"]),
        (GIVEN, "3/2 30, 3/4 30 ind.", ["03-02", "03-04"]),
        (MEETING, "The team meets on Tuesday at 2:15 in Room 9.", ["03-10"]),
        (MEETING, "Please answer by March 9 about the meeting of March 17 at 8:00.", ["03-17"]),
        (MEETING, "Thank you all for sitting down with us on Monday.", ["03-02"]),
        (MEETING, "We convened on February 3 and again on February 24.", ["02-03", "02-24"]),
        (EventKind.EVALUATION, "I finished her testing in a long visit on Tuesday.", ["03-03"]),
        (EventKind.ESCALATION, "Your complaint was received on March 2, 2026.", ["03-02"]),
        (EventKind.REQUEST, "We ask for the logs since January 5.", ["03-05"]),
        (MISSED, "Mon we had a fire drill and my block got eaten, Tues yes, Wed yes.", ["03-02"]),
        (GIVEN, "Mon no, Tues yes, today yes.", ["03-03", "03-05"]),
        (GIVEN, "Seen the 17th (he yawned), the 19th; not seen the 24th.", ["02-17", "02-19"]),
        (MISSED, "We met on February 4 and 11; on the 18th I was in court.", ["02-18"]),
        (MISSED, "The post has been open beginning with February 9.", ["02-09..03-05"]),
        (GIVEN, "He came over on Monday and has been in the room ever since.", ["03-02..03-05"]),
        (GIVEN, "She is back in the group as of yesterday.", ["03-04"]),
        (MISSED, "On the 17th I could not find him, 24th he was asleep.", ["02-17", "02-24"]),
    ],
)
def test_a_claim_has_its_own_days_and_not_those_of_its_neighbours(
    kind: EventKind, text: str, found: list[str]
) -> None:
    assert days(events(kind, text)) == found


def test_both_days_are_those_of_the_sentence_before() -> None:
    body = "He was home on Monday and Wednesday, she said. Nobody came either day."

    assert days(events(MISSED, body, holding="Nobody")) == ["03-02", "03-04"]


def test_a_line_of_a_log_has_one_day() -> None:
    body = "Notes\n2/25: in a training. No contact.\n3/4: 30 min. Initial blends."

    assert days(events(MISSED, body, holding="No contact")) == ["02-25"]
    assert days(events(GIVEN, body, holding="min")) == ["03-04"]


def test_of_a_table_the_column_of_dates_counts() -> None:
    page = (
        "OT visits, spring\nWeek of | Planned | Actual | Note\n"
        "2/16 | 60 | 0 | makeup owed by 3/20\n2/23 | 60 | 30 | ball, scissors\n"
    )

    missed = events(MISSED, "See attached.", attached=page, holding="owed")
    given_ = events(GIVEN, "See attached.", attached=page, holding="scissors")

    assert days(missed) == ["02-16..02-20"]
    assert [(e.service, e.minutes) for e in given_] == [("ot", 30)]


@pytest.mark.parametrize(
    ("columns", "row", "kind"),
    [
        ("Date | Min | Note", "3/3 | 0 | blends", GIVEN),
        ("Date | Min | Note", "3/3 | 30 | no paper left", MISSED),
        ("Date | Planned | Actual", "3/3 | 30 | 0", GIVEN),
        ("Date | Hours", "3/3 | 0.5", MISSED),
        ("Date | Held", "3/3 | N", GIVEN),
        ("Date | OT in the annex", "3/3 | no", GIVEN),
        ("Date | OT | Hours late", "3/3 | yes | 0", MISSED),
    ],
)
def test_a_row_of_a_log_is_given_or_missed_by_its_own_figures(
    columns: str, row: str, kind: EventKind
) -> None:
    """Whatever the words of the note sound like."""
    (event,) = events(kind, "Log.", attached=f"OT log\n{columns}\n{row}\n", holding="3/3")

    assert {event.kind, kind} == {MISSED, GIVEN}


def test_a_letter_speaks_from_its_own_date() -> None:
    page = "Harbor District\nJanuary 21, 2026\nNo one has seen Noor for OT since last Tuesday.\n"

    (event,) = events(MISSED, "Attached.", attached=page, holding="No one")

    assert (event.on, event.end) == (date(2026, 1, 13), date(2026, 1, 21))


def test_a_form_is_dated_by_its_signature() -> None:
    page = "CONSENT\n[X] I give my consent.\nParent signature: R. Haddad   Date: 3/3/2026\n"

    (event,) = events(EventKind.CONSENT, "Signed.", attached=page, holding="I give")

    assert (event.on, event.date_words) == (date(2026, 3, 3), "3/3/2026")


def test_what_a_team_found_is_dated_by_the_meeting_that_the_letter_reports() -> None:
    page = "NOTICE\nMarch 4, 2026\nThe team met on February 26, 2026.\nNoor remains eligible.\n"

    (event,) = events(EventKind.EVALUATION, "Attached.", attached=page, holding="eligible")

    assert event.on == date(2026, 2, 26)


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ("PRIOR WRITTEN NOTICE\nDate of notice: 02/13/2026\n", date(2026, 2, 13)),
        ("Student: N. Haddad   DOB: 03/04/2015\n", None),
        ("Annual IEP meeting: May 3, 2026\n", None),
        ("We met on 2/3.\n", None),
    ],
)
def test_only_a_full_date_at_the_head_is_a_letters_own(head: str, day: date | None) -> None:
    assert letter_date(head, THURSDAY) == day


def service(kind: EventKind, body: str, **more: str) -> list[str | None]:
    return [event.service for event in events(kind, body, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "text", "more", "found"),
    [
        (MISSED, "I never got to her today.", {"sender": "Ines Whitlock <i@s.example>"}, "speech"),
        (MISSED, "Ines was out, so no session.", {}, "speech"),
        (MISSED, "ms odum didnt come today", {}, "social_work"),
        (MISSED, "Route 9 is not running this morning.", {}, "transport"),
        (MISSED, "She had no grown-up beside her again today.", {}, "aide"),
        (MISSED, "The Lunch Bunch did not meet.", {}, "social_work"),
        (MISSED, "No 1:1 nurse today.", {}, "nursing"),
        (MISSED, "He was not given extended time on the quiz.", {}, "accommodation"),
        (GIVEN, "We used the talker for our 30.", {"sender": "Greta Holm <g@s.example>"}, "ot"),
        (MISSED, "HADDAD NOT ON THE SHEET.", {"sender": "Blue Hollow Dispatch <d@t.example>"},
         "transport"),
        (MISSED, "Nobody came at 9:40.", {"subject": "speech again"}, "speech"),
        (GIVEN, "The captioner sat beside her today.", {}, "interpreter"),
    ],
)  # fmt: skip
def test_the_service_is_found_by_whatever_points_to_it(
    kind: EventKind, text: str, more: dict[str, str], found: str
) -> None:
    assert service(kind, text, **more) == [found]


def test_two_services_denied_in_one_sentence_are_two_events() -> None:
    assert set(service(MISSED, "There was no speech and no OT yesterday.")) == {"speech", "ot"}


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("We worked for 45 minutes today.", 45),
        ("We had a good half hour.", 30),
        ("I kept her a full hour today.", 60),
        ("She had her twenty-five minutes of speech.", 25),
        ("We did our 40 this morning.", 40),
        ("3/4: 30, blends", 30),
        ("She said 8 of 10 words.", None),
        ("We met at 9:30.", None),
    ],
)
def test_minutes_are_those_of_the_session(text: str, minutes: int | None) -> None:
    assert [e.minutes for e in events(GIVEN, text)] == [minutes]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I was at a workshop, so no speech.", "provider_absent"),
        ("The OT position is still unfilled.", "vacancy"),
        ("No group, we had the spelling assembly.", "school_event"),
        ("School closed for ice, so no speech.", "closure"),
        ("No speech, Noor was absent.", "provider_absent|student_absent"),
        ("She was never put on the schedule for OT.", "not_scheduled"),
        ("He did not get extended time on the exam.", "not_scheduled"),
        ("The bus did not come.", "unknown"),
    ],
)
def test_a_reason_is_only_what_the_words_give(text: str, reason: str) -> None:
    assert [e.reason in reason.split("|") for e in events(MISSED, text)] == [True]


@pytest.mark.parametrize(
    ("kind", "text", "topic"),
    [
        (EventKind.REQUEST, "Please send us a copy of every session log.", "records"),
        (
            EventKind.REQUEST,
            "We want an outside evaluation, at public expense.",
            "iee",
        ),
        (EventKind.PROPOSAL, "We propose to move her to the day school.", "placement"),
        (EventKind.REFUSAL, "The lost sessions will not be made up.", "makeup"),
        (EventKind.OBJECTION, "Suspending him for this is wrong.", "discipline"),
    ],
)
def test_topics_are_named_by_their_words(kind: EventKind, text: str, topic: str) -> None:
    role = Role.SCHOOL if kind in {EventKind.PROPOSAL, EventKind.REFUSAL} else Role.PARENT

    assert topic in events(kind, text, role=role)[0].topics


def test_who_acts_is_told_by_kind_and_author() -> None:
    def actor(kind: EventKind, text: str, role: Role) -> str:
        return events(kind, text, role=role)[0].actor.value

    assert actor(EventKind.REQUEST, "We ask for the records.", Role.PARENT) == "parent"
    assert actor(EventKind.REQUEST, "My clients ask for the records.", Role.PRIVILEGED) == "other"
    assert actor(MEETING, "See you Tuesday at 2.", Role.PARENT) == "school"
    assert actor(MEETING, "The mediation sat on Monday.", Role.SCHOOL) == "other"
    assert actor(GIVEN, "I saw her for an hour.", Role.PROVIDER) == "other"
    assert actor(MISSED, "No bus came.", Role.PARENT) == "school"


def test_of_two_tellings_in_a_message_the_one_with_its_day_stands() -> None:
    assert days(events(MISSED, "She sat alone. That was Tuesday, no aide.")) == ["03-03"]


@settings(max_examples=80, deadline=None)
@given(
    st.text(max_size=200), st.sampled_from(EventKind), st.sampled_from(Role), st.text(max_size=120)
)
def test_any_text_gives_events_whose_words_are_verbatim(
    body: str, kind: EventKind, role: Role, attached: str
) -> None:
    body = body.replace("\r", "\n").encode("utf-8", "replace").decode()

    for event in events(kind, body, role=role, attached=attached):
        cited = event.citation
        assert cited.quote
        assert cited.part != "sheet.pdf" or attached[cited.start : cited.end] == cited.quote
        assert event.end is None or event.end > event.on
