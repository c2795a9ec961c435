"""Messages to conversations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from indexers.threads import Knot, bare_subject, thread_roots

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
DANA, MUM, PAT = "dana@school.example", "mum@mail.example", "pat@school.example"


def knot(
    number: int,
    subject: str,
    sender: str,
    to: str,
    *,
    days: float = 0,
    refers_to: tuple[str, ...] = (),
) -> Knot:
    sent = START + timedelta(days=days)
    return Knot(number, f"<{number}@x>", refers_to, subject, sent, sender, {sender, to})


def test_ids_make_a_thread_through_messages_that_nobody_holds() -> None:
    roots = thread_roots(
        [
            knot(1, "a", DANA, MUM, refers_to=("<lost@x>",)),
            knot(2, "b", MUM, DANA, refers_to=("<lost@x>",)),
            knot(3, "c", MUM, DANA),
        ]
    )

    assert roots == {1: 1, 2: 1, 3: 3}


@pytest.mark.parametrize(
    ("answer", "joined"),
    [
        (knot(2, "RV: RE: Speech", MUM, DANA, days=2), True),
        (knot(2, "AW: [SPED] speech ", MUM, DANA, days=2, refers_to=("<lost@x>",)), True),
        (knot(2, "Speech", MUM, DANA, days=2), False),  # a new letter by the same name
        (knot(2, "Re: Speech", MUM, DANA, days=40), False),
        (knot(2, "Re: Speech", PAT, MUM, days=2), False),  # not by anyone who had it
        (knot(2, "Re: Speech", MUM, PAT, days=2), False),  # not to who wrote it
        (knot(2, "Re: ", MUM, DANA, days=2), False),
        (knot(2, "Re: Speech", MUM, DANA, days=-1), False),  # before it
    ],
)
def test_a_subject_joins_only_an_answer_among_the_same_people(answer: Knot, joined: bool) -> None:
    """Two years of "Re: Speech" are not one conversation."""
    roots = thread_roots([knot(1, "Speech", DANA, MUM), answer])

    assert (roots[2] == 1) is joined


@pytest.mark.parametrize(
    ("subject", "bare", "answers"),
    [
        ("Re: Fwd: [EXTERNAL] IEP  meeting", "iep meeting", True),
        ("RE[2]: x", "x", True),
        ("Reading log", "reading log", False),
        ("Re:" * 50 + "x", "re:" * 30 + "x", True),
    ],
)
def test_what_programs_put_before_a_subject_is_taken_off(
    subject: str, bare: str, answers: bool
) -> None:
    assert bare_subject(subject) == (bare, answers)
