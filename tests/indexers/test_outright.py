"""What is said in the words of the law and its forms, and what only borrows them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.model import Role
from indexers.rules.outright import said_outright


@pytest.mark.parametrize(
    ("author", "text", "kind"),
    [
        (Role.SCHOOL, "We propose to reduce speech to 30 minutes a week.", "proposal"),
        (Role.SCHOOL, "The IEP team is proposing a change of placement.", "proposal"),
        (Role.SCHOOL, "Action proposed: end occupational therapy.", "proposal"),
        (Role.SCHOOL, "The district refuses to fund an independent evaluation.", "refusal"),
        (Role.SCHOOL, "We are unable to provide a one-to-one aide.", "refusal"),
        (Role.PARENT, "We do not consent to the placement.", "objection"),
        (Role.PARENT, "I consent to the evaluation.", "consent"),
        (Role.PARENT, "I am formally requesting an evaluation.", "request"),
    ],
)
def test_what_is_said_outright_is_heard(author: Role, text: str, kind: str) -> None:
    assert said_outright(text, author) == (kind,)


@pytest.mark.parametrize(
    ("author", "text"),
    [
        (Role.SCHOOL, "We propose to hold the picnic in May."),  # no matter of the IEP
        (Role.SCHOOL, "If we propose to change the placement, you will get a notice."),
        (Role.SCHOOL, "Do we propose to reduce speech?"),
        (Role.SCHOOL, "I consent to the evaluation."),  # a school cannot
        (Role.PARENT, "We propose to reduce speech."),  # a family cannot
        (Role.PARENT, "You said I agree to the evaluation."),
        (Role.PARENT, "I agree, she had a great week."),
    ],
)
def test_what_only_borrows_the_words_is_not(author: Role, text: str) -> None:
    assert said_outright(text, author) == ()


@given(st.text(max_size=300), st.sampled_from(Role))
def test_of_any_text_nobody_says_what_is_the_others_to_say(text: str, author: Role) -> None:
    family = {"objection", "consent", "request"}
    said = set(said_outright(text, author))

    assert said <= family if author in {Role.PARENT, Role.PRIVILEGED} else not said & family


def test_a_long_text_takes_no_longer() -> None:
    began = time.process_time()
    said_outright("we the team speech " * 100_000, Role.SCHOOL)
    assert time.process_time() - began < 2
