"""`papertrail import` as its user runs it, on real files of every kind."""

from __future__ import annotations

import mailbox
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import journal, letter, originals, run_papertrail, snapshot, write_config

SCHOOL = [letter(n) for n in range(4)]
SHOP = letter(90, sender="offers@shop.example")


class Nowhere:
    host, port, username = "127.0.0.1", 1, "me"


@pytest.fixture
def config(tmp_path: Path, archive: Path) -> Path:
    return write_config(tmp_path / "c.toml", archive, Nowhere())


def as_mbox(path: Path, messages: list[bytes]) -> Path:
    """As Google Takeout writes it."""
    with path.open("wb") as file:
        for number, raw in enumerate(messages):
            file.write(b"From %d@xxx Wed Mar 04 16:00:0%d +0000 2026\n" % (number, number))
            file.write(raw.replace(b"\r\n", b"\n") + b"\n")
    return path


def lf(messages: list[bytes]) -> set[bytes]:
    return {raw.replace(b"\r\n", b"\n") for raw in messages}


def test_an_mbox_comes_in_message_by_message_and_only_the_school_s(
    config: Path, archive: Path, tmp_path: Path
) -> None:
    path = as_mbox(tmp_path / "All mail.mbox", [*SCHOOL, SHOP])

    ran = run_papertrail(config, "import", str(path))

    assert ran.status == 0, ran.said
    assert "5 messages in 1 files: 4 are the school's" in ran.out
    assert originals(archive) == lf(SCHOOL)
    receipts = [e for e in journal(archive) if e["kind"] == "received"]
    assert [e["account"] for e in receipts] == ["(import)"] * 4
    assert receipts[0]["file"].startswith("All mail.mbox at byte ")  # type: ignore[attr-defined]
    assert run_papertrail(config, "verify").status == 0


def test_lines_that_begin_with_from_do_not_cut_a_message_in_two(
    config: Path, archive: Path, tmp_path: Path
) -> None:
    """Python's own mbox reader cuts at each of these."""
    tricky = letter(1, body="\nFrom the bus we heard nothing.\n\n>From home neither.\n\nBye\n\n")
    path = as_mbox(tmp_path / "a.mbox", [tricky, letter(2)])

    run_papertrail(config, "import", str(path))

    assert originals(archive) == lf([tricky, letter(2)])


@pytest.mark.parametrize("ending", [b"", b"\n", b"\n\n"])
def test_the_last_message_of_an_mbox_keeps_its_own_last_line(
    config: Path, archive: Path, tmp_path: Path, ending: bytes
) -> None:
    path = tmp_path / "a.mbox"
    path.write_bytes(b"From a@x Wed Mar  4 16:00:00 2026\nFrom: t@school.example\n\nBye" + ending)

    run_papertrail(config, "import", str(path))

    kept = ending[:1]  # the blank line before the next separator is the file's
    assert originals(archive) == {b"From: t@school.example\n\nBye" + kept}


def test_maildir_single_messages_zips_and_folders_come_in_byte_for_byte(
    config: Path, archive: Path, tmp_path: Path
) -> None:
    box = mailbox.Maildir(tmp_path / "Maildir")
    box.add(SCHOOL[0].replace(b"\r\n", b"\n"))
    (tmp_path / "Maildir" / "tmp" / "half").write_bytes(letter(50))
    (tmp_path / "letters" / "deep").mkdir(parents=True)
    (tmp_path / "letters" / "deep" / "one.eml").write_bytes(SCHOOL[1])
    (tmp_path / "letters" / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0 no mail")
    inner = as_mbox(tmp_path / "inner.mbox", [SCHOOL[2]])
    with zipfile.ZipFile(tmp_path / "takeout.zip", "w") as file:
        file.writestr("../../evil.eml", SCHOOL[3])
        file.write(inner, "Takeout/Mail/Inbox.mbox")

    ran = run_papertrail(
        config, "import", *(str(tmp_path / name) for name in ("Maildir", "letters", "takeout.zip"))
    )

    assert ran.status == 0, ran.said
    expected = {*lf([SCHOOL[0], SCHOOL[2]]), SCHOOL[1], SCHOOL[3]}
    assert originals(archive) == expected
    assert not list(tmp_path.parent.rglob("evil.eml")), "a name in a ZIP is never a path"


def test_importing_again_keeps_nothing_twice_and_a_newer_file_brings_what_is_new(
    config: Path, archive: Path, tmp_path: Path
) -> None:
    path = as_mbox(tmp_path / "a.mbox", SCHOOL[:2])
    run_papertrail(config, "import", str(path))
    again = run_papertrail(config, "import", str(path))
    assert "0 came in now" in again.out

    as_mbox(path, SCHOOL[1:])
    ran = run_papertrail(config, "import", str(path))

    assert "2 came in now, 2 of them new" in ran.out
    assert originals(archive) == lf(SCHOOL)
    assert [e for e in journal(archive) if e["kind"] == "missing"] == []


def test_a_dry_run_counts_and_writes_nothing(config: Path, archive: Path, tmp_path: Path) -> None:
    path = as_mbox(tmp_path / "a.mbox", [*SCHOOL, SHOP])
    before = snapshot(tmp_path)

    ran = run_papertrail(config, "import", "--dry-run", str(path))

    assert "4 are the school's correspondence and would be kept, 1 are not" in ran.out
    assert snapshot(tmp_path) == before
    assert not archive.exists()


def test_what_is_no_mail_is_said_by_name(config: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 broken")
    (tmp_path / "odd.eml").write_bytes(b"\x00\x01\x02")
    (tmp_path / "cut.msg").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"cut short")

    for name, why in [("bad.zip", "damaged"), ("odd.eml", "begin like mail"),
                      ("cut.msg", "no Outlook message")]:  # fmt: skip
        ran = run_papertrail(config, "import", str(tmp_path / name))
        assert ran.status == 1, ran.said
        assert name in ran.err
        assert why in ran.err
    missing = run_papertrail(config, "import", str(tmp_path / "nothing.mbox"))
    assert missing.status == 2
    assert "no such file" in missing.err
