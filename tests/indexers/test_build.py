"""A reading is the same however it was made: how often, by how many, from what was kept."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archiver.model import Digest, Original, Standing
from archiver.progress import Silent
from archiver.roles import AddressBook
from indexers import query
from indexers.build import View, build
from indexers.database import remove_reading
from indexers.extract import worker
from indexers.extract.contract import Means
from indexers.model import Family
from tests.contracts.pdfs import pdf

VIEW = View(
    ZoneInfo("America/Phoenix"),
    AddressBook.of(
        school=["school.example"], provider=[], parent=["mum@mail.example"], privileged=[]
    ),
    Family(("Maya",)),
)


def mail(number: int, *attachments: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "ortiz@school.example", "mum@mail.example"
    message["Subject"], message["Message-ID"] = f"Letter {number}", f"<{number}@school.example>"
    message["Date"] = f"Wed, {number % 27 + 1:02} Mar 2026 09:00:00 -0700"
    message.set_content(f"Please see the attached, number {number}.")
    for name, content in attachments:
        message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()


class Archive:
    """Originals in memory."""

    def __init__(self, *raw: bytes) -> None:
        self.raw = {Digest(hashlib.sha256(one).hexdigest()): one for one in raw}
        now = datetime(2026, 4, 1, tzinfo=UTC)
        self.originals = [
            Original(digest, len(one), now, None, (), Standing.SCHOOL)
            for digest, one in self.raw.items()
        ]

    def read_into(self, derived: Path, means: Means | None = None) -> None:
        build(self.originals, self.raw.__getitem__, derived, VIEW, Silent(), means)


def rows(derived: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(derived / "reading.sqlite")) as db:
        return {
            table: db.execute(f"SELECT * FROM {table}").fetchall()
            for table in ("messages", "parts", "texts", "boxes", "events")
        }


@pytest.fixture
def archive() -> Archive:
    form = pdf("The same form, sent again and again.")
    letters = [
        mail(n, ("form.pdf", form), (f"{n}.pdf", pdf(f"Letter number {n}"))) for n in range(8)
    ]
    return Archive(*letters, mail(99), mail(98, ("bad.pdf", b"%PDF-1.7 cut")))


def test_a_form_sent_again_and_again_is_read_once(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Digest] = []
    read = worker.ExtractionWorker.read
    monkeypatch.setattr(
        worker.ExtractionWorker, "read", lambda self, p: asked.append(p.digest) or read(self, p)
    )

    archive.read_into(tmp_path)

    assert len(asked) == len(set(asked)) == 10


def test_a_reading_made_anew_has_the_same_rows_and_reads_no_attachment_again(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.read_into(tmp_path)
    before = rows(tmp_path)
    remove_reading(tmp_path / "reading.sqlite")

    def never(self: object, part: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(worker.ExtractionWorker, "read", never)
    archive.read_into(tmp_path)

    assert rows(tmp_path) == before
    assert len(before["texts"]) == 10
    assert len(before["boxes"]) == 9


def test_one_worker_and_two_make_the_same_rows(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.read_into(tmp_path / "two")
    monkeypatch.setattr(worker.os, "cpu_count", lambda: 1)
    archive.read_into(tmp_path / "one")

    assert rows(tmp_path / "one") == rows(tmp_path / "two")


def test_a_password_given_later_opens_what_was_locked(tmp_path: Path) -> None:
    archive = Archive(mail(1, ("iep.pdf", pdf("inside", password="tiger"))))
    archive.read_into(tmp_path)
    assert "locked with a password" in rows(tmp_path)["texts"][0][3]  # type: ignore[operator]

    archive.read_into(tmp_path, Means(passwords=("tiger",)))

    digest = archive.originals[0].digest
    with closing(sqlite3.connect(tmp_path / "reading.sqlite")) as db:
        assert query.page_text(db, digest, "iep.pdf", 1) == "inside\n"
        (line,) = query.line_boxes(db, digest, "iep.pdf", 1)
    assert line.start == 0
    assert 0 < line.left < line.right < 10_000
    assert 0 < line.top < line.bottom < 10_000


def test_a_failure_that_may_be_chance_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Archive(mail(1, ("a.pdf", pdf("words"))))
    monkeypatch.setattr(worker, "CHILD", ("/bin/false",))
    monkeypatch.setattr(worker.ExtractionWorker.__init__, "__kwdefaults__",
                        {"timeout_s": 5.0, "command": ("/bin/false",)})  # fmt: skip
    archive.read_into(tmp_path)
    assert "failed" in rows(tmp_path)["texts"][0][3]  # type: ignore[operator]
    monkeypatch.undo()
    remove_reading(tmp_path / "reading.sqlite")

    archive.read_into(tmp_path)

    assert rows(tmp_path)["texts"][0][3] == ""


def test_a_cache_that_is_damaged_is_made_anew(archive: Archive, tmp_path: Path) -> None:
    archive.read_into(tmp_path)
    before = rows(tmp_path)
    (tmp_path / "texts.sqlite").write_bytes(b"no database" * 1000)
    remove_reading(tmp_path / "reading.sqlite")

    archive.read_into(tmp_path)

    assert rows(tmp_path) == before
