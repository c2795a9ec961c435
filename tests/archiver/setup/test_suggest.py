"""What a mailbox suggests: the school found, the family and the attorney kept out of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from archiver.headers import read_headers
from archiver.progress import Silent
from archiver.setup import contacts as contacts_module
from archiver.setup import look as look_module
from archiver.setup.contacts import Contacts
from archiver.setup.look import look
from archiver.setup.suggest import Kind, Suggestions, kind_of, registered_domain, suggest, words
from archiver.source import Folder, Head, Opened

MUM = "mum@mail.example"
CORPORA = (
    "arizona", "florida", "illinois", "massachusetts", "ohio", "pennsylvania", "texas",
    "washington",
)  # fmt: skip


def mail(sender: str, to: str = MUM, subject: str = "Hello", extra: str = "") -> bytes:
    return f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\n{extra}\r\n".encode()


def suggestions(received: Sequence[bytes], sent: Sequence[bytes] = ()) -> Suggestions:
    seen = Contacts(words(["Maya Lopez", "Maya"]), [MUM])
    for raw in sent:
        seen.add(read_headers(raw), sent=True)
    for raw in received:
        seen.add(read_headers(raw), sent=False)
    return suggest(seen.by_address, seen.owner)


SCHOOL = [mail("Ms. Lee <lee@lake-usd.example>", subject=f"Maya, week {n}") for n in range(5)]


@pytest.mark.parametrize(
    ("domain", "kind"),
    [
        ("lake.k12.az.us", Kind.SCHOOL),
        ("lakeisd.example", Kind.SCHOOL),
        ("lake-sd.example", Kind.SCHOOL),
        ("lakebend-schools.example", Kind.SCHOOL),
        ("mail.lakeunifiedschools.example", Kind.SCHOOL),
        ("rviu34.example", Kind.SCHOOL),
        ("parentsquare.com", Kind.PORTAL),
        ("brandt-edlaw.example", Kind.LAW),
        ("okaforadvocacy.example", Kind.LAW),
        ("pa-odr.example", Kind.MEDIATION),
        ("lakeneuro.example", Kind.HEALTH),
        ("gmail.com", Kind.OTHER),
        ("shop.example", Kind.OTHER),
        ("bsd.example", Kind.OTHER),
        ("lawn-care.example", Kind.OTHER),
    ],
)
def test_what_a_name_says(domain: str, kind: Kind) -> None:
    assert kind_of(domain) is kind


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("a@mail.lake-sd.example", "lake-sd.example"),
        ("a@palo.lake.k12.az.us", "lake.k12.az.us"),
        ("a@lake.k12.az.us", "lake.k12.az.us"),
        ("a@mail.lake.ca.us", "lake.ca.us"),
        ("a@x.school.co.uk", "school.co.uk"),
        ("a@b", "b"),
    ],
)
def test_subdomains_are_one_with_what_somebody_registered(address: str, group: str) -> None:
    assert registered_domain(address) == group


def test_the_school_is_ticked_and_shops_newsletters_and_friends_are_not() -> None:
    found = suggestions(
        [
            *SCHOOL,
            *[mail("Shoes <news@shoes.example>", MUM, "20% off", "List-Unsubscribe: <u>\r\n")] * 40,
            *[mail("jo@gmail.com", subject="Coffee?")] * 9,
            *[mail("billing@power.example", subject="Your statement")] * 24,
        ],
        [mail(MUM, "lee@lake-usd.example", "Re: Maya, week 1")],
    )  # fmt: skip

    assert [(s.entry, s.ticked, s.messages) for s in found.school] == [
        ("lake-usd.example", True, 5)
    ]
    assert found.school[0].name == "Ms. Lee"


def test_a_grandmother_who_writes_of_the_iep_is_never_ticked() -> None:
    """What is ticked by mistake would make family mail the school's."""
    gran = [mail("Gran <gran@oldmill.example>", subject=f"Maya's IEP {n}") for n in range(30)]

    found = suggestions([*SCHOOL, *gran], [mail(MUM, "gran@oldmill.example", "Maya's IEP")])

    assert [s.entry for s in found.school if s.ticked] == ["lake-usd.example"]


def test_the_other_parent_is_family_the_attorney_law_and_neither_is_the_school() -> None:
    both = f"{MUM}, dad@work.example"
    found = suggestions(
        [
            *[mail("lee@lake-usd.example", both, "Maya's IEP")] * 3,
            *[mail("Ruth <ruth@stone-edlaw.example>", subject="Maya's IEP")] * 3,
            mail("office@lakeneuro.example", subject="Report: Maya Lopez"),
        ],
        [mail("mum.work@job.example", "lee@lake-usd.example", "Maya")],
    )

    assert found.family == ("dad@work.example",)
    assert set(found.owner) == {MUM, "mum.work@job.example"}
    assert [s.entry for s in found.law] == ["ruth@stone-edlaw.example"]
    assert [s.entry for s in found.health] == ["office@lakeneuro.example"]
    assert not {"dad@work.example", "ruth@stone-edlaw.example"} & {s.entry for s in found.school}


def test_strange_headers_raise_nothing_and_propose_nothing_that_a_configuration_cannot_name() -> (
    None
):
    hostile = [
        b"",
        b"\x00\xff\xfe",
        mail("=?utf-8?b?/////w==?= <a b@lake-usd.example>"),
        mail("x@\x1b[2Jlake-usd.example", subject="\x1b]0;IEP\x07"),
        mail("x@" + "a." * 3000 + "example", subject="IEP"),
        mail(", ".join(f"p{n}@lists-usd.example" for n in range(500)), subject="IEP"),
    ]

    assert suggestions(hostile).school == ()


@dataclass
class Mailbox:
    """A mailbox of any size that takes no memory."""

    messages: int
    asked: list[int] = field(default_factory=list)
    tick: float = 0.0
    now: float = 0.0

    def folders(self) -> list[Folder]:
        return [Folder("INBOX", frozenset()), Folder("Trash", frozenset({"\\trash"}))]

    def examine(self, folder: str) -> Opened:
        assert folder == "INBOX"
        return Opened(1, self.messages)

    def uids_since(self, day: date) -> list[int]:
        assert day == date(2024, 11, 25)
        return list(range(1, self.messages + 1))

    def heads(self, uids: Sequence[int], *, also: Sequence[str] = ()) -> Iterator[Head]:
        assert "List-Unsubscribe" in also
        self.asked += uids
        for uid in uids:
            self.now += self.tick
            yield Head(
                uid, 100, None, mail(f"n{uid}@shop{uid % 97}.example", subject=f"Sale {uid}")
            )


def looked(mailbox: Mailbox) -> tuple[look_module.Look, Contacts]:
    seen = Contacts(words(["Maya"]), [MUM])
    clock = lambda: mailbox.now  # noqa: E731
    return look(mailbox, date(2024, 11, 25), seen, Silent(), clock), seen


def test_a_mailbox_of_100_000_is_looked_at_from_the_newest_and_within_bounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(look_module, "MOST_MESSAGES", 6_000)
    monkeypatch.setattr(contacts_module, "MAX_CONTACTS", 1_000)
    mailbox = Mailbox(100_000)

    found, seen = looked(mailbox)

    assert (found.listed, found.read, found.whole) == (100_000, 6_000, False)
    assert (max(mailbox.asked), min(mailbox.asked)) == (100_000, 94_001)
    assert len(seen.by_address) <= 1_000


def test_a_slow_server_ends_the_look_in_time() -> None:
    mailbox = Mailbox(100_000, tick=0.2)

    found, _ = looked(mailbox)

    assert 1_000 <= found.read <= 1_500
    assert mailbox.now < 320


@pytest.mark.parametrize("name", CORPORA)
def test_on_a_labelled_mailbox_every_tick_is_right(
    name: str, corpus: Callable[[str], Path]
) -> None:
    found, truth = score(corpus(name))

    assert truth.wrong_ticks == []
    assert truth.district_ticked
    assert truth.family_proposed_as_school == []
    assert len(found.school) <= 16


@dataclass
class Truth:
    wrong_ticks: list[str]
    district_ticked: bool
    family_proposed_as_school: list[str]


def score(folder: Path) -> tuple[Suggestions, Truth]:
    family = json.loads((folder / "family.json").read_text("utf-8"))
    seen = Contacts(words(family["child"]), [family["parents"][0]])
    folders = sorted((folder / "mail").iterdir(), key=lambda f: f.name != "Sent")
    for box in folders:
        if box.name not in {"Spam", "Junk"}:
            for path in sorted(box.glob("*.eml")):
                seen.add(read_headers(path.read_bytes()), sent=box.name == "Sent")
    found = suggest(seen.by_address, seen.owner)
    of_school = {
        e.rpartition("@")[2] for e in family["school_domains"] + family["school_addresses"]
    }
    ticked = {s.entry for s in found.school if s.ticked}
    wrong = [
        e for e in ticked if registered_domain(e) not in set(map(registered_domain, of_school))
    ]
    named = {s.entry for s in found.school if s.ticked}
    return found, Truth(
        wrong,
        registered_domain(family["school_domains"][0]) in ticked,
        sorted(named & set(family["parents"])),
    )
