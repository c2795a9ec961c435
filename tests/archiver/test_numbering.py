"""Numbers of lines: given once, kept for good."""

from __future__ import annotations

from pathlib import Path

from archiver.archive import write_archive
from archiver.numbering import number_all


def number(path: Path, *ids: str, series: str = "chronology") -> dict[str, int]:
    with write_archive(path) as archive:
        return number_all(archive, series, ids)


def test_a_line_keeps_its_number_whatever_joins_or_leaves(tmp_path: Path) -> None:
    assert number(tmp_path, "b", "c") == {"b": 1, "c": 2}
    assert number(tmp_path, "a", "c", "d") == {"b": 1, "c": 2, "a": 3, "d": 4}


def test_exporting_again_adds_nothing_to_the_journal(tmp_path: Path) -> None:
    number(tmp_path, "a", "a", "b")
    before = (tmp_path / "journal.jsonl").read_bytes()

    number(tmp_path, "b", "a")

    assert (tmp_path / "journal.jsonl").read_bytes() == before


def test_each_series_counts_for_itself(tmp_path: Path) -> None:
    number(tmp_path, "a", "b")

    assert number(tmp_path, "x", series="other") == {"x": 1}


def test_numbers_survive_the_loss_of_everything_derived(tmp_path: Path) -> None:
    number(tmp_path, "a", "b")
    for path in sorted((tmp_path / "derived").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()

    assert number(tmp_path, "b", "a") == {"a": 1, "b": 2}


def test_a_line_that_was_corrected_keeps_its_number(archive: Path) -> None:
    with write_archive(archive) as opened:
        number_all(opened, "chronology", ["a", "b", "c"])
        moved = {"b2": "b", "b3": "b", "c2": "c"}

        # b was corrected; of c, another telling is still there.
        first = number_all(opened, "chronology", ["a", "b2", "c", "c2"], moved)
        # Corrected once more; then all of it taken back.
        second = number_all(opened, "chronology", ["a", "b3", "c"], moved)
        third = number_all(opened, "chronology", ["a", "b", "c"], {})

    assert [first[name] for name in ("a", "b2", "c", "c2")] == [1, 2, 3, 4]
    assert [second[name] for name in ("a", "b3", "c")] == [1, 2, 3]
    assert [third[name] for name in ("a", "b", "c")] == [1, 2, 3]


def test_two_lines_never_take_over_one_number(archive: Path) -> None:
    with write_archive(archive) as opened:
        number_all(opened, "chronology", ["a"])

        numbers = number_all(opened, "chronology", ["x", "y"], {"x": "a", "y": "a"})

    assert (numbers["x"], numbers["y"]) == (1, 2)
