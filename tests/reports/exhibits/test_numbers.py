"""Numbers, labels, profiles: what a forum asks for, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import ConfigError
from archiver.model import Digest
from indexers.mime import read_message
from indexers.model import Message
from reports.exhibits.labels import bates_of, file_stem, label_of, letters, page_stamp
from reports.exhibits.model import Exhibit, Numbered, Plan, Section
from reports.exhibits.plan import NothingNewError, plan_volume, threads_of
from reports.exhibits.profiles import load_profile, packaged, parse_profile
from reports.exhibits.record import safe_name
from reports.exhibits.register import (
    Register,
    RegisterDamagedError,
    Volume,
    dump_register,
    load_register,
)
from reports.exhibits.validate import problems_of
from tests.reports.exhibits.conftest import Family, mail, make_archive, pdf

DEFAULT = load_profile("default")


@pytest.mark.parametrize(
    ("name", "labels", "stamp"),
    [
        ("default", ["P-1", "P-2", "P-27"], "P-2 p. 3 of 6"),
        ("pennsylvania", ["P-1", "P-2", "P-27"], "P-2 p. 3 of 6"),
        ("california", ["Student 1", "Student 2", "Student 27"], "Student 2 p. 3 of 6"),
        ("washington", ["A", "B", "AA"], "Exhibit B p. 3 of 6"),
        ("arizona", ["P-1", "P-2", "P-27"], "P-2 p. 3 of 6"),
        ("bates", ["", "", ""], "PAR000009"),
    ],
)
def test_each_forum_has_its_own_labels(name: str, labels: list[str], stamp: str) -> None:
    profile = load_profile(name)
    assert [label_of(profile, n) for n in (1, 2, 27)] == labels
    assert page_stamp(profile, labels[1], 3, 6, bates_of(profile, 9)) == stamp
    assert set(packaged()) == {
        "default", "pennsylvania", "california", "washington", "arizona", "bates",
    }  # fmt: skip


@given(st.integers(1, 20_000))
def test_letters_never_repeat_and_sort_by_length_then_alphabet(number: int) -> None:
    first, second = letters(number), letters(number + 1)
    assert (len(first), first) < (len(second), second)


def test_file_names_sort_as_the_exhibits_do() -> None:
    stems = [file_stem(label_of(DEFAULT, n), n, "") for n in (2, 10, 100)]
    assert stems == sorted(stems)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Draft IEP.pdf", "Draft IEP.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("CON", "_CON"),
        ("a\u202efdp.exe", "a_fdp.exe"),
        ("", "_"),
        ("señal.pdf", "señal.pdf"),
    ],
)
def test_names_of_attachments_are_safe_on_every_system(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_mistaken_profile_is_told_all_its_mistakes(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text('[mine]\nedge = "left"\npage = [1]\nstamp = "x"\nbates_digits = 99\n')
    with pytest.raises(ConfigError) as caught:
        load_profile("mine", own)
    assert [problem.split(": ", 1)[1] for problem in caught.value.problems] == [
        "stamp is not known",
        "edge must be one of bottom, top",
        "page must be two numbers of points, such as [612, 792]",
        "bates_digits must be from 3 to 12",
    ]
    with pytest.raises(ConfigError, match="there is no profile 'none'"):
        load_profile("none")
    with pytest.raises(ConfigError, match="know"):
        parse_profile("x", packaged()["default"] | {"label": "{nothing}"})


def _message(subject: str, date: str, **more: object) -> Message:
    return read_message(mail(subject, subject, date=date, **more))  # type: ignore[arg-type]


MARCH = _message("March", "Tue, 3 Mar 2026 09:00:00 -0700")
APRIL = _message("April", "Fri, 3 Apr 2026 09:00:00 -0700")
MAY = _message("May", "Sun, 3 May 2026 09:00:00 -0700", extra=[("In-Reply-To", MARCH.message_id)])
ALL = {m.digest: m for m in (MARCH, APRIL, MAY)}


def _volume(number: int, first: int, exhibits: list[Numbered], pages: list[int]) -> Volume:
    return Volume(
        number=number,
        profile="default",
        made="2026-06-01T00:00:00Z",
        entries=4,
        head=Digest("0" * 64),
        first_bates=first,
        exhibits=tuple(exhibits),
        pages=tuple(pages),
    )


FIRST = _volume(1, 1, [Numbered(1, (APRIL.digest,))], [7])


def test_exhibits_are_in_order_of_date_or_as_given_or_by_thread() -> None:
    chosen = [MAY.digest, APRIL.digest, MARCH.digest]

    def groups(**changes: object) -> list[tuple[Digest, ...]]:
        profile = replace(DEFAULT, **changes)  # type: ignore[arg-type]
        return [e.digests for e in plan_volume(ALL, chosen, profile, Register()).exhibits]

    assert groups() == [(MARCH.digest,), (APRIL.digest,), (MAY.digest,)]
    assert groups(order="given") == [(MAY.digest,), (APRIL.digest,), (MARCH.digest,)]
    assert groups(unit="thread") == [(MARCH.digest, MAY.digest), (APRIL.digest,)]


def test_what_is_older_but_found_later_does_not_move_what_was_numbered() -> None:
    plan = plan_volume(ALL, list(ALL), DEFAULT, Register((FIRST,)))

    assert plan == Plan(
        2, (Numbered(2, (MARCH.digest,)), Numbered(3, (MAY.digest,))), 8, again=False
    )


def test_the_same_choice_is_the_same_volume_and_part_of_it_is_nothing_new() -> None:
    both = _volume(1, 1, [Numbered(1, (MARCH.digest,)), Numbered(2, (MAY.digest,))], [1, 1])
    register = Register((both,))

    assert plan_volume(ALL, [MAY.digest, MARCH.digest], DEFAULT, register).again
    with pytest.raises(NothingNewError, match="in volume 1"):
        plan_volume(ALL, [MAY.digest], DEFAULT, register)


@given(st.permutations(list(ALL.values())))
def test_threads_do_not_depend_on_the_order_of_messages(messages: list[Message]) -> None:
    assert threads_of(messages) == {
        MARCH.digest: MARCH.digest, MAY.digest: MARCH.digest, APRIL.digest: APRIL.digest,
    }  # fmt: skip


def test_the_register_comes_back_as_it_was_and_damage_is_said(tmp_path: Path) -> None:
    path = tmp_path / "register.json"
    register = Register((FIRST,))
    path.write_text(dump_register(register))
    assert load_register(path) == register
    path.write_text(dump_register(register)[:-9])
    with pytest.raises(RegisterDamagedError):
        load_register(path)


def _exhibit(number: int, first: int, pages: int, day: int = 1, **changes: object) -> Exhibit:
    section = Section("E-mail", Digest("a" * 64), "message", None, "typeset", pages)
    exhibit = Exhibit(
        number, f"P-{number}", "", datetime(2026, 3, day, tzinfo=UTC), "", "", (section,),
        (Digest("a" * 64),), first, f"{number}.pdf",
    )  # fmt: skip
    return replace(exhibit, **changes)  # type: ignore[arg-type]


def _sizes(*exhibits: Exhibit) -> dict[str, list[tuple[float, float]]]:
    return {e.file: [(612.0, 792.0)] * e.pages for e in exhibits}


GOOD = (_exhibit(1, 1, 2), _exhibit(2, 3, 1, 2))


def test_a_good_packet_has_no_problems() -> None:
    assert problems_of(DEFAULT, GOOD, {"packet.pdf": 10}, _sizes(*GOOD), [2, 1]) == []


@pytest.mark.parametrize(
    ("profile", "exhibits", "said"),
    [
        ({}, (GOOD[0], replace(GOOD[1], label="P-9")), "Exhibit 2 is called 'P-9'."),
        ({}, (GOOD[0], replace(GOOD[1], label="P-1")), "Two exhibits are called P-1."),
        ({}, (GOOD[0], replace(GOOD[1], first_bates=9)), "P-2 begins on page 9, not 3."),
        ({}, (_exhibit(1, 1, 1, 9), _exhibit(2, 2, 1, 8)), "P-2 is older than P-1"),
        ({}, (_exhibit(1, 1, 0),), "P-1 has no pages."),
        ({"bates_digits": 3}, (_exhibit(1, 999, 2),), "more pages than 3 digits"),
        ({"max_file_bytes": 9}, GOOD, "packet.pdf has 10 bytes; a file may have 9 bytes."),
        ({"bates_prefix": "X" * 60}, GOOD, "do not fit into the margin"),
        ({"page_size": (595.0, 842.0)}, GOOD, "has a page that is not 595 by 842 points"),
    ],
)
def test_what_is_against_the_profile_is_said(
    profile: dict[str, object], exhibits: tuple[Exhibit, ...], said: str
) -> None:
    changed = replace(DEFAULT, **profile)  # type: ignore[arg-type]
    problems = problems_of(changed, exhibits, {"packet.pdf": 10}, _sizes(*exhibits))
    assert any(said in problem for problem in problems), problems


def test_a_page_count_that_changed_since_the_first_export_is_refused() -> None:
    (problem,) = problems_of(DEFAULT, GOOD, {}, _sizes(*GOOD), [2, 4])
    assert "P-2 had 4 pages when it was first exported" in problem


def test_a_packet_over_the_limit_is_split_and_one_that_cannot_be_is_refused(
    tmp_path: Path,
) -> None:
    """Nothing is left behind where it is refused, and no number is given out."""
    noise = __import__("random").Random(1).randbytes(200_000)
    own = tmp_path / "mine.toml"
    own.write_text("[small]\nmax_file_mb = 0.3\n[tiny]\nmax_file_mb = 0.1\n")
    attach = [("a.png", "image/png", _png(noise))]
    family: Family = make_archive(
        tmp_path,
        [mail(f"No. {i}", "x", date=f"{i} Mar 2026 09:00 -0700", attach=attach) for i in (1, 2)],
    )
    chosen = ("--after", "2026-01-01", "--profile-file", str(own))

    refused = family.bundle(*chosen, "--profile", "tiny", "-o", str(tmp_path / "no"))
    split = family.bundle(*chosen, "--profile", "small", "-o", str(tmp_path / "yes"))

    assert (refused.status, "a file may have 100 KB" in refused.said) == (3, True), refused.said
    assert not (tmp_path / "no").exists()
    assert not list(tmp_path.glob(".packet-*"))
    assert split.status == 0, split.said
    assert {p.name for p in (tmp_path / "yes/data").glob("*.pdf")} == {
        "packet-part-1.pdf", "packet-part-2.pdf",
    }  # fmt: skip


def _png(noise: bytes) -> bytes:
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.frombytes("L", (400, 500), noise).save(out, "PNG")
    return out.getvalue()


def test_a_folder_with_something_in_it_is_never_written_over(tmp_path: Path) -> None:
    family = make_archive(tmp_path, [mail("a", "b")])
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("keep")

    ran = family.bundle("--after", "2026-01-01", "-o", str(out))

    assert (ran.status, "is there already" in ran.said) == (2, True)
    assert [p.name for p in out.iterdir()] == ["mine.txt"]


def test_choosing_by_number_thread_event_and_search_adds_up(tmp_path: Path) -> None:
    question = mail("Speech?", "Did speech happen on Tuesday?", sender="mum@mail.example",
                    to="dana@school.example")  # fmt: skip
    number = read_message(question).message_id
    answer = mail(
        "Re: Speech?", "Speech was cancelled on Tuesday because Ms. Reyes was out.",
        date="Thu, 5 Mar 2026 09:00:00 -0700", extra=[("In-Reply-To", number)],
    )  # fmt: skip
    other = mail("Field trip", "Bring a hat.", date="Fri, 6 Mar 2026 09:00:00 -0700",
                 attach=[("hat.pdf", "application/pdf", pdf("hat"))])  # fmt: skip
    family = make_archive(tmp_path, [question, answer, other])

    family.run("timeline")

    def chosen(*arguments: str) -> str:
        return family.bundle(*arguments, "--dry-run").said

    assert "2 exhibits, 2 documents" in chosen("--thread", number)
    assert "1 exhibit, 2 documents" in chosen("--search", "hat")
    assert "3 exhibits, 4 documents" in chosen("--thread", number, "--search", "hat")
    assert "1 exhibit, 1 document" in chosen("--message", number)
    assert "2 exhibits, 3 documents" in chosen("--after", "2026-03-05")
    entries = map(json.loads, family.run("timeline", "--format", "jsonl").said.splitlines())
    missed = next(e["id"] for e in entries if e["kind"] == "missed_service")
    assert "1 exhibit, 1 document" in chosen("--event", missed)
    assert "No event is called 'nosuchevent'" in chosen("--event", "nosuchevent")
    assert "No message is called 'abc'" in chosen("--message", "abc")
