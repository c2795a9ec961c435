"""`papertrail search`, `people`, `threads`, `thread`: what a family finds in its own archive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from demo.server import serve
from tests.cli.conftest import Ran, journal, letter, run_papertrail, write_config

LETTER = (
    "We are writing to let you know that the district has decided to reduce her speech minutes "
    "from sixty to thirty a week, beginning on Monday, because of the therapist's new schedule. "
    "You may ask for a meeting about it at any time, and the team will answer within ten days."
)
OUT_SICK = "I was out sick yesterday, so Maya did not have speech. She missed it."
QUOTED = "\n".join(f"> {line}" for line in LETTER.split(". "))


def reply(number: int, to: int, body: str) -> bytes:
    extra = f"References: <{to}@test.example>\nIn-Reply-To: <{to}@test.example>\n"
    return letter(number, "mum@mail.example", "teacher@school.example", body, extra)


MAIL = {
    "INBOX": [
        letter(1, "Dana Ortiz <teacher@school.example>", body=LETTER),
        letter(2, "Lee Park <nurse@school.example>", body="The bus was late. Reunión el lunes."),
        letter(3, "partner@law.example", body="Our speech about the minutes is SECRETPLAN."),
        letter(5, "Dana Ortiz <dana@north.school.example>", body=OUT_SICK),
    ],
    "School/Sent": [
        *(reply(number, 1, f"Thank you, number {number}.\n\n{QUOTED}") for number in range(10, 16)),
        letter(20, "mum@mail.example", "nurse@school.example", "The nurse refused; refusals hurt.")
        .replace(b"4 Mar 2026", b"4 Mar 2025"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of MAIL, made once; the server is gone when it is searched."""
    folder = tmp_path_factory.mktemp("family")
    for name, raws in MAIL.items():
        (folder / "mail" / name).mkdir(parents=True)
        for number, raw in enumerate(raws):
            (folder / "mail" / name / f"{number:04}.eml").write_bytes(raw)
    with serve(folder / "mail") as server:
        config = write_config(folder / "config.toml", folder / "archive", server)
        done = run_papertrail(config, "run", PAPERTRAIL_PASSWORD=server.password)
    assert done.status == 0, done.said
    return config


def numbers(config: Path, *query: str) -> set[int]:
    done = run_papertrail(config, "search", "--format", "jsonl", *query)
    assert done.status == 0, done.said
    ids = [json.loads(line)["message_id"] for line in done.out.splitlines()]
    assert len(ids) == len(set(ids))
    return {int(i.strip("<>").split("@")[0]) for i in ids}


THREAD = {1, *range(10, 16)}


def test_every_part_of_the_language_gives_its_exact_messages(family: Path) -> None:
    for query, expected in [
        ("speech minutes", THREAD | {3}),
        ('"speech minutes"', THREAD),
        ("minute", THREAD | {3}),
        ('"minute"', set()),
        ("refusing", {20}),
        ("reunion lunes", {2}),
        ("bus OR missed", {2, 5}),
        ("speech -minutes", {5}),
        ("(bus OR speech) NOT minutes", {2, 5}),
        ("sched*", THREAD),
        ("secretplam~", {3}),
        ("from:dana", {1, 5}),
        ("from:dana speech NOT missed", {1}),
        ("to:teacher", set(range(10, 16))),
        ("with:lee", {2}),
        ("with:nurse@school.example", {2, 20}),
        ("nurse@school.example", {2, 20}),
        ('subject:"letter 5"', {5}),
        ("during:2025-03", {20}),
        ("before:2026 nurse", {20}),
        ("after:3/4/26 bus", {2}),
        ("in:sent nurse", {20}),
        ("is:privileged", {3}),
        ("kind:missed", {5}),
        ("service:speech kind:missed", {5}),
        ("has:attachment", set()),
        ("NOT speech", {2, 20}),
    ]:
        assert numbers(family, query) == expected, query


def test_a_letter_quoted_in_six_replies_is_one_hit_with_its_own_words_first(family: Path) -> None:
    done = run_papertrail(family, "search", '"thirty a week"')

    assert "7 messages in 1 conversation" in done.out
    assert "6 more in its conversation" in done.out
    assert "Dana Ortiz" in done.out
    every = run_papertrail(family, "search", "--no-fold", '"thirty a week"')
    assert "7 messages\n" in every.out


def test_a_folded_hit_names_the_others(family: Path) -> None:
    done = run_papertrail(family, "search", "--fold", "--format", "jsonl", '"thirty a week"')

    (record,) = map(json.loads, done.out.splitlines())

    assert record["message_id"] == "<1@test.example>"
    assert (record["folded"], len(record["also"])) == (6, 6)
    assert record["date"] == "2026-03-04T09:01:00-07:00"


def test_what_cannot_be_read_says_where_and_a_misspelt_word_gets_a_suggestion(family: Path) -> None:
    broken = run_papertrail(family, "search", 'bus "late again')
    misspelt = run_papertrail(family, "search", "speach")

    assert broken.status == 2
    assert "this quote is not closed" in broken.err
    assert '    bus "late again\n        ^' in broken.err
    assert 'nearest search that can: bus "late again"' in broken.err
    assert (misspelt.status, "Did you mean 'speech'?" in misspelt.out) == (0, True)
    for query in ("kind:nonsense", "is:odd", "thread:zz", "has:cake"):
        assert run_papertrail(family, "search", query).status == 2, query


def test_originals_of_hits_are_exported_and_privileged_ones_only_when_asked(
    family: Path, tmp_path: Path
) -> None:
    def export(*more: str) -> tuple[Ran, list[bytes]]:
        folder = tmp_path / f"out{len(more)}"
        done = run_papertrail(family, "search", "speech", "--export", str(folder), *more)
        return done, sorted(path.read_bytes() for path in folder.iterdir())

    done, without = export()
    _, everything = export("--with-privileged")

    assert "1 privileged or family message was left out" in done.out
    assert len(without) == 8
    assert not any(b"SECRETPLAN" in raw for raw in without)
    assert set(everything) - set(without) == {MAIL["INBOX"][2]}
    assert set(without) <= {raw for mails in MAIL.values() for raw in mails}


def test_a_hit_is_opened_and_output_into_a_pipe_has_no_colours(family: Path) -> None:
    opened = run_papertrail(family, "search", "bus", "--open", "1")

    assert "The bus was late." in opened.out
    assert "\x1b" not in opened.out + run_papertrail(family, "search", "speech").out
    assert run_papertrail(family, "search", "bus", "--open", "2").status == 2


def test_people_are_merged_where_safe_counted_and_given_roles(family: Path) -> None:
    def people() -> dict[str, dict[str, object]]:
        done = run_papertrail(family, "people", "--format", "jsonl")
        assert done.status == 0, done.said
        return {
            row["addresses"].split(", ")[0]: row for row in map(json.loads, done.out.splitlines())
        }

    before = people()
    dana = before["teacher@school.example"]
    assert dana["addresses"] == "teacher@school.example, dana@north.school.example"
    assert (dana["name"], dana["wrote"], dana["received"]) == ("Dana Ortiz", 2, 6)
    assert (dana["role"], before["partner@law.example"]["role"]) == ("school", "privileged")

    done = run_papertrail(
        family, "people", "set", "Dana@North.School.example", "--role", "speech therapist"
    )

    assert done.status == 0, done.said
    archive = family.parent / "archive"
    assert journal(archive)[-1]["role"] == "speech therapist"
    assert people()["teacher@school.example"]["role"] == "speech therapist"
    assert run_papertrail(family, "rebuild").status == 0
    assert people()["teacher@school.example"]["role"] == "speech therapist"
    assert run_papertrail(family, "verify").status == 0
    assert run_papertrail(family, "people", "set", "dana", "--role", "x").status == 2


def test_threads_are_listed_and_read_from_their_first_message(family: Path) -> None:
    done = run_papertrail(family, "threads", "--format", "jsonl")
    listed = {row["subject"]: row for row in map(json.loads, done.out.splitlines())}

    row = listed["Letter 1"]
    assert (row["messages"], len(listed)) == (7, 5)
    read = run_papertrail(family, "thread", row["thread"])
    assert read.status == 0, read.said
    assert read.out.index("sixty to thirty") < read.out.index("Thank you, number 10")
    assert "> We are" not in read.out
    assert "7 messages" in read.out
    assert numbers(family, f"thread:{row['thread']}") == THREAD
    assert run_papertrail(family, "thread", "zzzz").status == 2


def test_a_changed_archive_is_searched_as_it_is_now(family: Path) -> None:
    """The shortcut that lets a search start at once must never show what was."""
    assert numbers(family, "is:privileged") == {3}
    text = family.read_text("utf-8")
    family.write_text(text.replace('["law.example"]', '["law.example", "nurse@school.example"]'))
    try:
        assert numbers(family, "is:privileged") == {2, 3, 20}
    finally:
        family.write_text(text, "utf-8")
