"""What is signed is dated by the day beside the signature, not by the mail it came with."""

from __future__ import annotations

from datetime import date

import pytest

from indexers.model import EventKind
from indexers.sentences import split_sentences
from indexers.setting import settings_of
from indexers.when import days_of

MAILED = date(2026, 3, 5)
CONSENT, OBJECTION = EventKind.CONSENT, EventKind.OBJECTION
PROPOSAL = EventKind.PROPOSAL


def day_of(kind: EventKind, page: str, words: str) -> date:
    """The day of what these words of an attached page tell."""
    runs = split_sentences(page)
    around = settings_of(runs, MAILED, page[:400])
    setting = next(s for run, (_, s) in zip(runs, around, strict=True) if words in run.text)
    (dated,) = days_of(kind, words, False, setting, MAILED)
    return dated.on


PAGE = "PARENT RESPONSE\nStudent: Maya Lopez\n\nYES to speech.\nNO to the bus.\n\n{}\n"


@pytest.mark.parametrize(
    "signature",
    [
        "Ana Lopez 3/2/26",
        "Ana Lopez 3-2-26",
        "Luis Lopez Ana Lopez 3/2/2026",
        "Signature: Ana Lopez\nDate: 03/02/2026",
        "Parent: Ana Lopez\nDate: March 2, 2026",
        "Parent: Ana Lopez 3/2/26",
        "x____ Ana Lopez March 2, 2026",
    ],
)
@pytest.mark.parametrize(("kind", "words"), [(CONSENT, "YES to speech"), (OBJECTION, "NO to the")])
def test_a_page_is_dated_by_its_signature(signature: str, kind: EventKind, words: str) -> None:
    assert day_of(kind, PAGE.format(signature), words) == date(2026, 3, 2)


@pytest.mark.parametrize(
    "line",
    [
        "Signature: Ana Lopez",  # and no day
        "Ana Lopez was born 3/2/2026",
        "I signed the attendance sheet on 3/2/26 only.",
        "Date of meeting: 03/02/2026",
        "IEP Team Meeting March 2, 2026",
        "Progress Report 3/2/2026",
        "Signature: Ana Lopez\nDate: 03/09/2026",  # after the mail
        "Signature: Ana Lopez\nDate: 03/02/2025",  # of another year
    ],
)
def test_without_a_day_that_can_be_the_signatures_it_is_the_mails(line: str) -> None:
    assert day_of(CONSENT, PAGE.format(line), "YES to speech") == MAILED


def test_the_last_signature_counts_not_the_heading() -> None:
    page = "IEP SIGNATURE PAGE Maya Lopez 2/27/2026\n\nYES to speech.\n\nAna Lopez 3/2/26\n"

    assert day_of(CONSENT, page, "YES to speech") == date(2026, 3, 2)


AGREEMENT = "{}\n1. The District will give ten hours of speech by June.\n2. {}\n"


@pytest.mark.parametrize(
    "head",
    ["MEDIATION AGREEMENT\nMarch 3, 2026", "AGREEMENT 26-01\nReached in mediation on 3/3/26"],
)
def test_an_agreement_is_of_the_day_on_which_both_sides_agreed(head: str) -> None:
    page = AGREEMENT.format(head, "The parents accept item 1.")

    assert day_of(PROPOSAL, page, "The District will give ten hours") == date(2026, 3, 3)
    assert day_of(CONSENT, page, "The parents accept item 1") == date(2026, 3, 3)


@pytest.mark.parametrize(
    "foot",
    [
        "Parent signature: ______",
        "If the parents accept, both sides sign.",
        "The parents do not agree to item 1.",
        "It has not been signed.",
    ],
)
def test_a_draft_is_no_agreement(foot: str) -> None:
    page = AGREEMENT.format("DRAFT MEDIATION AGREEMENT\nSession of March 3, 2026", foot)

    assert day_of(PROPOSAL, page, "The District will give ten hours") == MAILED


def test_an_agreement_is_of_the_day_it_was_reached_not_of_what_led_to_it() -> None:
    head = "MEDIATION AGREEMENT\nComplaint filed February 10, 2026.\nReached March 3, 2026."
    page = AGREEMENT.format(head, "The parents accept item 1.")

    assert day_of(PROPOSAL, page, "The District will give ten hours") == date(2026, 3, 3)


def test_a_notice_does_not_become_an_agreement_by_the_subject_of_its_mail() -> None:
    page = (
        "PRIOR WRITTEN NOTICE\nSession of February 20, 2026\nWe will add speech.\nSigned: J. Doe\n"
    )
    runs = split_sentences(page)
    around = settings_of(runs, MAILED, f"pwn.pdf\nRe: mediation agreement\n{page}")

    assert all(setting.agreed is None for _, setting in around)


def test_terms_that_nobody_has_accepted_yet_are_of_the_day_they_are_sent() -> None:
    page = AGREEMENT.format("TERMS OF MEDIATED AGREEMENT\nSession of March 3, 2026", "Open.")

    assert day_of(PROPOSAL, page, "The District will give ten hours") == MAILED
