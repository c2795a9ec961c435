"""Backup and restore, with damage on either side."""

from __future__ import annotations

from pathlib import Path

import bagit
import pytest

from tests.cli.conftest import letter, originals, run_papertrail, snapshot, write_config

MAIL = [letter(n) for n in range(5)]


class Nowhere:
    host, port, username = "127.0.0.1", 1, "me"


@pytest.fixture
def config(tmp_path: Path, archive: Path) -> Path:
    config = write_config(tmp_path / "c.toml", archive, Nowhere())
    add(config, tmp_path, MAIL)
    return config


def add(config: Path, tmp_path: Path, messages: list[bytes]) -> None:
    for number, raw in enumerate(messages):
        path = tmp_path / f"{number}.eml"
        path.write_bytes(raw)
        run_papertrail(config, "import", str(path))
        path.unlink()


def damage(path: Path) -> None:
    path.chmod(0o600)
    content = path.read_bytes()
    path.write_bytes(content[:-3] + b"?" + content[-2:])


def first_original(folder: Path) -> Path:
    return min(folder.rglob("*.eml"))


def test_a_backup_is_a_valid_bag_and_comes_back_as_it_was(
    config: Path, archive: Path, tmp_path: Path
) -> None:
    ran = run_papertrail(config, "backup", str(tmp_path / "stick"))
    assert ran.status == 0, ran.said
    assert "5 originals are in" in ran.out
    bagit.Bag(str(tmp_path / "stick")).validate()

    ran = run_papertrail(config, "restore", str(tmp_path / "stick"), str(tmp_path / "back"))

    assert ran.status == 0, ran.said
    assert originals(tmp_path / "back") == set(MAIL)
    for name in ("journal.jsonl", "README.txt"):
        assert (tmp_path / "back" / name).read_bytes() == (archive / name).read_bytes()
    there = write_config(tmp_path / "back.toml", tmp_path / "back", Nowhere())
    assert run_papertrail(there, "verify").status == 0


def test_a_second_backup_adds_what_is_new_and_one_without_news_changes_no_payload(
    config: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    run_papertrail(config, "backup", str(stick))
    before = snapshot(stick)
    run_papertrail(config, "backup", str(stick))
    assert snapshot(stick) == before

    add(config, tmp_path, [letter(9)])
    ran = run_papertrail(config, "backup", str(stick))

    assert "6 originals are in" in ran.out
    assert "1 are new" in ran.out
    bagit.Bag(str(stick)).validate()


def test_a_damaged_copy_is_found_and_mended(config: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    run_papertrail(config, "backup", str(stick))
    damage(first_original(stick))

    ran = run_papertrail(config, "restore", str(stick), "--drill")
    assert ran.status == 3
    assert "damaged" in ran.err

    ran = run_papertrail(config, "backup", str(stick))
    assert "1 damaged or missing copies were made anew" in ran.out
    assert run_papertrail(config, "restore", str(stick), "--drill").status == 0


def test_a_damaged_original_is_said_and_never_overwrites_the_good_copy(
    config: Path, archive: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    run_papertrail(config, "backup", str(stick))
    damage(first_original(archive))

    ran = run_papertrail(config, "backup", str(stick))

    assert ran.status == 1
    assert "changed in the archive; the backup has it whole" in ran.err
    assert originals(stick / "data") == set(MAIL)
    assert run_papertrail(config, "restore", str(stick), "--drill").status == 0


def test_a_backup_of_something_else_or_of_a_later_state_is_not_written_over(
    config: Path, archive: Path, tmp_path: Path
) -> None:
    stick, other = tmp_path / "stick", tmp_path / "other"
    run_papertrail(config, "backup", str(stick))
    lines = (archive / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (archive / "journal.jsonl").write_bytes(b"".join(lines[:-1]))
    before = snapshot(stick)

    ran = run_papertrail(config, "backup", str(stick))
    assert ran.status == 3
    assert "not of an earlier state" in ran.err
    assert snapshot(stick) == before

    other.mkdir()
    (other / "holiday.jpg").write_bytes(b"x")
    assert "holds something else" in run_papertrail(config, "backup", str(other)).err
    inside = run_papertrail(config, "backup", str(archive / "copy"))
    assert inside.status == 2
    assert "inside the archive" in inside.err


def test_a_file_added_to_or_taken_from_a_backup_is_found(config: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    run_papertrail(config, "backup", str(stick))
    (stick / "data" / "more.eml").write_bytes(b"From: x\n\n")
    assert "more.eml" in run_papertrail(config, "restore", str(stick), "--drill").err
    (stick / "data" / "more.eml").unlink()
    first_original(stick).unlink()

    ran = run_papertrail(config, "restore", str(stick), str(tmp_path / "back"))

    assert ran.status == 3
    assert not (tmp_path / "back").exists(), "a damaged backup is never half restored"
