"""What may leave: default deny, in one place."""

from __future__ import annotations

from datetime import date

import pytest

from archiver.model import Digest, Person, Standing
from archiver.roles import AddressBook
from indexers.contents import Contents
from indexers.model import Actor, Citation, Event, EventKind, Precision, Span, SpanKind
from reports.disclosure import Disclosure, Ground, Rules, decide

RULES = Rules(
    AddressBook.of(school=["school.example"], privileged=["law.example"]),
    frozenset({"mediators.example"}),
)  # fmt: skip
ONE = Digest("1" * 64)
SCHOOL = ("teacher@school.example", "mum@mail.example")


def message(
    own: str = "Speech was cancelled yesterday.",
    *,
    people: tuple[str, ...] = SCHOOL,
    subject: str = "Speech",
    below: str = "",
    attachments: tuple[tuple[str, str], ...] = (),
) -> Contents:
    spans = [Span(SpanKind.OWN, 0, len(own))]
    if below:
        spans.append(Span(SpanKind.QUOTED, len(own), len(own) + len(below)))
    cast = tuple(Person("", address) for address in people)
    return Contents(ONE, cast, subject, own, below, tuple(spans), attachments)


def ruling(found: Contents, standing: Standing = Standing.SCHOOL) -> Disclosure:
    return decide([(found, standing)], RULES)


def event(part: str = "body", start: int = 0, end: int = 5) -> Event:
    cited = Citation("<1@x>", ONE, part, None, "x" * (end - start), start, end)
    return Event(
        EventKind.REQUEST, date(2026, 3, 4), None, Precision.DAY, Actor.PARENT, None, None, None,
        (), cited, 0.9, "test",
    )  # fmt: skip


def test_the_school_s_own_mail_leaves() -> None:
    assert ruling(message()).leaves == {ONE}


@pytest.mark.parametrize(
    ("found", "standing", "ground"),
    [
        (message(), Standing.PRIVILEGED, Ground.PRIVILEGED),
        (message(people=(*SCHOOL, "partner@law.example")), Standing.SCHOOL, Ground.PRIVILEGED),
        (message(), Standing.FAMILY, Ground.FAMILY),
        (message(people=("a@mediators.example",)), Standing.SCHOOL, Ground.MEDIATION),
        (message(people=("a@desk.mediators.example",)), Standing.SCHOOL, Ground.MEDIATION),
        (message("The mediator suggested 40 hours."), Standing.SCHOOL, Ground.MEDIATION),
        (message(subject="Re: Mediation, Tuesday"), Standing.THREAD, Ground.MEDIATION),
        (message(attachments=(("mediation_offer.pdf", ""),)), Standing.SCHOOL, Ground.MEDIATION),
        (message(attachments=(("a", "Mediation Agreement"),)), Standing.SCHOOL, Ground.MEDIATION),
        (message("This is an offer of compromise."), Standing.SCHOOL, Ground.SETTLEMENT),
        (message("For settlement purposes only: 20 hours."), Standing.WHOLE, Ground.SETTLEMENT),
        (message(attachments=(("a", "SETTLEMENT AGREEMENT"),)), Standing.SCHOOL, Ground.SETTLEMENT),
    ],
)  # fmt: skip
def test_what_is_confidential_stays(found: Contents, standing: Standing, ground: Ground) -> None:
    disclosure = ruling(found, standing)

    assert disclosure.withheld == {ONE: ground}
    assert not disclosure.leaves
    assert not disclosure.lets_out(event())


@pytest.mark.parametrize(
    "own",
    [
        "Enclosed are your Procedural Safeguards, which explain mediation and due process.",
        "You have the right to request mediation.",
        "The media center is closed, and the medication form is due.",
        "She settled in well and compromises with her peers.",
    ],
)
def test_the_school_s_forms_and_ordinary_words_are_not_kept_back(own: str) -> None:
    """Every prior written notice tells that mediation exists; it is the heart of the record."""
    assert ruling(message(own, attachments=(("notice.pdf", own),))).leaves == {ONE}


def test_mediation_mail_goes_out_only_when_it_is_named() -> None:
    disclosure = decide([(message("The mediator called."), Standing.SCHOOL)], RULES, named={ONE})

    assert disclosure.leaves == disclosure.named == {ONE}
    assert disclosure.lets_out(event())


def test_an_attorney_s_words_below_a_school_message_are_no_source() -> None:
    """A forwarded chain by mistake: the reply on top may be told, the tail may not."""
    own, tail = "We met today. ", "On Monday partner@law.example wrote: > ask for 40 hours"
    disclosure = ruling(message(own, below=tail))

    assert disclosure.lets_out(event(end=len(own)))
    assert not disclosure.lets_out(event(start=len(own) + 3, end=len(own) + 9))
    assert not disclosure.lets_out(event(start=len(own) - 2, end=len(own) + 2))


def test_an_attorney_s_letter_attached_to_a_school_message_is_no_source_and_has_no_name() -> None:
    letter = ("strategy.pdf", "From: Partner <partner@law.example>\nAsk for 40 hours.")
    disclosure = ruling(message(attachments=(letter, ("notice.pdf", "Action refused."))))

    assert not disclosure.lets_out(event("strategy.pdf"))
    assert not disclosure.names_attachment(ONE, "strategy.pdf")
    assert disclosure.lets_out(event("notice.pdf"))


def test_what_was_never_ruled_on_stays() -> None:
    """Default deny: an event of a message that nobody looked at does not leave."""
    assert not decide([], RULES).lets_out(event())
