"""What a person tells is in the journal, and the catalogue made anew from it says the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.archive import write_archive
from archiver.catalogue import Catalogue
from archiver.decisions import Attributes, Decided, Verdict, decision_facts
from archiver.journal import EntryKind
from archiver.model import Digest
from archiver.running_log import (
    Attendee,
    LogKind,
    Point,
    Record,
    next_number,
    record_facts,
    record_from,
)

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
WORDS = st.text(
    st.characters(), max_size=20
)  # half surrogate pairs too: a spreadsheet may hold anything


def telling(quote: str, *, dismissed: bool = False) -> Decided:
    found = Attributes(
        "missed_service", date(2026, 3, 4), None, "day", "school", "speech", 30, "unknown", ()
    )
    said = None if dismissed else found
    return Decided(Digest("1" * 64), "body", None, quote, 0, len(quote), found, said, 0.9, "test")


RECORDS = st.builds(
    Record,
    st.sampled_from(LogKind),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    st.none() | st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    st.sampled_from(["", "09:00"]),
    st.sampled_from(["", "10:00"]),
    st.lists(st.builds(Attendee, WORDS, WORDS), max_size=2).map(tuple),
    st.lists(st.builds(Point, WORDS, WORDS), max_size=2).map(tuple),
    st.just(()),
    st.just(()),
    st.sampled_from(["", "speech"]),
    st.none() | st.integers(0, 1440),
    st.none() | st.booleans(),
    st.sampled_from(["", "vacancy"]),
    WORDS,
    st.booleans(),
    WORDS,
    st.none() | st.dates(date(2000, 1, 1), date(2030, 1, 1)),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("decide"), st.sampled_from(Verdict), WORDS),
        st.tuples(st.just("mark"), st.sampled_from("ab"), st.sampled_from([True, False, None])),
        st.tuples(st.just("undo"), st.none(), st.none()),
        st.tuples(st.just("log"), RECORDS, st.none()),
        st.tuples(st.just("edit"), RECORDS, st.integers(1, 3)),
        st.tuples(st.just("withdraw"), st.none(), st.integers(1, 3)),
    ),
    max_size=12,
)


@given(record=RECORDS)
def test_an_entry_of_the_log_reads_back_as_it_was_written(record: Record) -> None:
    assert record_from(record_facts(1, record)) == record


def test_an_entry_of_before_there_was_an_agenda_reads_as_it_did() -> None:
    facts = {"log": 1, "type": "meeting", "date": "2026-03-04", "private": False, "words": "Long."}

    record = record_from(facts)

    assert record == Record(LogKind.MEETING, date(2026, 3, 4), words="Long.")
    assert record_facts(1, record) == facts  # and is written as it was


@settings(max_examples=10)
@given(steps=STEPS)
def test_the_catalogue_made_anew_says_what_it_said(
    steps: list[tuple[str, object, object]], tmp_path_factory: object
) -> None:
    """Whatever was decided, taken back, entered, edited and withdrawn, in whatever order."""
    path: Path = tmp_path_factory.mktemp("told")  # type: ignore[attr-defined]
    acts: list[tuple[int, str, object]] = []  # a model of it: what stands, in order
    log: dict[int, list[Record | None]] = {}
    with write_archive(path, now=lambda: NOW) as archive:
        for step, one, other in steps:
            number = archive.journal.head.entries
            if step == "decide":
                told = telling(str(other), dismissed=one is Verdict.DISMISSED)
                facts = decision_facts(Verdict(str(one)), [told])
                archive.record([(EntryKind.DECIDED, facts)])
                acts.append((number, "decision", str(one)))
            elif step == "mark":
                facts = {"sha256": str(one) * 64, "privileged": other}
                archive.record([(EntryKind.MARKED, facts)])
                acts.append((number, str(one) * 64, other))
            elif step == "undo":
                last = archive.catalogue.last_act()
                assert last == (acts[-1][0] if acts else None)
                if last is not None:
                    archive.record([(EntryKind.UNDONE, {"entry": last})])
                    acts.pop()
            elif step == "log":
                new = next_number(archive.catalogue.log())
                archive.record([(EntryKind.LOGGED, record_facts(new, one))])  # type: ignore[arg-type]
                log[new] = [one]  # type: ignore[list-item]
            elif other in log:
                if step == "edit":
                    facts = record_facts(other, one)  # type: ignore[arg-type]
                    archive.record([(EntryKind.LOGGED, facts)])
                    log[other].append(one)  # type: ignore[index, arg-type]
                else:
                    archive.record([(EntryKind.WITHDRAWN, {"log": other, "why": "twice"})])
                    log[other].append(None)  # type: ignore[index]
        marks = {digest: mark for _, digest, mark in acts if digest != "decision"}
        assert archive.catalogue.marks() == {d: m for d, m in marks.items() if m is not None}
        stands = [(d.entry, str(d.verdict)) for d in archive.catalogue.decisions()]
        assert stands == [(n, what) for n, kind, what in acts if kind == "decision"]
        kept = archive.catalogue.log()
        assert {e.number: [v.record for v in e.versions] for e in kept} == log
        anew = Catalogue.replayed(archive.journal.read())
        assert anew.dump() == archive.catalogue.dump()
