"""Attachments made to do harm, or broken beyond sense: each costs one row, not the run."""

from __future__ import annotations

import io
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from indexers.extract.contract import Budget, Means
from indexers.extract.registry import read_part
from indexers.extract.worker import ExtractionPool, ExtractionWorker
from indexers.model import Extracted
from tests.contracts.files import docx, part, read, reason, zipped
from tests.contracts.pdfs import hostile_pdfs, pdf

PATIENCE_S = 3.0
PDFS = hostile_pdfs()


@pytest.fixture(scope="module")
def worker() -> Iterator[ExtractionWorker]:
    with ExtractionWorker(Means(ocr=False), timeout_s=PATIENCE_S) as running:
        yield running


def answers(worker: ExtractionWorker, content: bytes, kind: str = "application/x") -> str:
    """What is said of a hostile file; and a harmless one is read after it."""
    began = time.monotonic()
    result = worker.read(part(content, kind))
    assert time.monotonic() - began < 3 * PATIENCE_S
    assert read(worker, part(pdf("still here"))).pages[0].text == "still here\n"
    if isinstance(result, Extracted):
        return " ".join((*result.notes, *(page.text for page in result.pages)))
    return result.reason


@pytest.mark.parametrize("name", PDFS)
def test_a_hostile_pdf_costs_one_row(worker: ExtractionWorker, name: str) -> None:
    said = answers(worker, PDFS[name])

    assert said.endswith(".")
    assert len(said) < 300


def stuffed(name: str, megabytes: int, inner: Callable[[bytes], bytes] = bytes) -> bytes:
    """A ZIP with a member of that many million zeros."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(name, inner(b"\0" * (megabytes << 20)))
    return out.getvalue()


def test_a_zip_bomb_is_not_unpacked(worker: ExtractionWorker) -> None:
    assert "unreasonable size" in answers(worker, stuffed("a.txt", 120))


def test_a_zip_that_lies_about_its_sizes_is_not_believed(worker: ExtractionWorker) -> None:
    honest = stuffed("a.txt", 120)
    size = struct.pack("<I", 120 << 20)
    assert honest.count(size) >= 1

    said = answers(worker, honest.replace(size, struct.pack("<I", 100)))

    assert "damaged" in said or "unreasonable" in said


def test_zips_within_zips_end_somewhere(worker: ExtractionWorker) -> None:
    content = zipped({"a.txt": "the core"})
    for _ in range(30):
        content = zipped({"a.zip": content})

    assert "too deep" in answers(worker, content)


def test_a_thousand_messages_within_one_another(worker: ExtractionWorker) -> None:
    content = b"Subject: core\r\n\r\nwords\r\n"
    for n in range(1000):
        head = b"From: a@x.example\r\nSubject: %d\r\nContent-Type: message/rfc822\r\n\r\n" % n
        content = head + content

    assert answers(worker, content, "message/rfc822")


def test_a_message_of_ten_thousand_parts(worker: ExtractionWorker) -> None:
    mail = b"From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    mail += b"--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx\r\n" * 10_000

    assert answers(worker, mail + b"--b--\r\n", "message/rfc822")


def test_a_billion_laughs_are_not_laughed(worker: ExtractionWorker) -> None:
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11)
    )
    good = docx("<w:p><w:r><w:t>&a10;</w:t></w:r></w:p>")
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["word/document.xml"] = (
        f"<!DOCTYPE d [{entities}]>".encode() + members["word/document.xml"]
    )

    assert "haha" not in answers(worker, zipped(members))


def test_an_entity_does_not_read_a_file_of_this_computer(
    worker: ExtractionWorker, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the family's secret", encoding="utf-8")
    good = docx("<w:p><w:r><w:t>before &x; after</w:t></w:r></w:p>")
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    entity = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    members["word/document.xml"] = entity.encode() + members["word/document.xml"]

    said = answers(worker, zipped(members))

    assert "before" in said
    assert "secret" not in said


def test_tags_nested_without_end(worker: ExtractionWorker) -> None:
    deep = "<w:p>" * 100_000 + "</w:p>" * 100_000

    assert "damaged" in answers(worker, docx(deep))
    assert answers(worker, b"<html>" + b"<div>" * 100_000 + b"x", "text/html") is not None


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "text/csv", "text/calendar"])
def test_fifty_megabytes_of_brackets(worker: ExtractionWorker, kind: str) -> None:
    assert answers(worker, b"<" * (50 << 20), kind) is not None


def png(width: int, height: int) -> bytes:
    """A picture that claims a size and holds next to nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    size = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_pictures_that_claim_to_be_huge_are_not_unpacked() -> None:
    tiff = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(tiff, "TIFF", compression="group4")
    with ExtractionWorker(timeout_s=PATIENCE_S) as worker:
        assert "large" in answers(worker, png(60_000, 60_000), "image/png")
        assert "large" in answers(worker, tiff.getvalue(), "image/tiff")
        assert "damaged" in answers(worker, png(900, 900), "image/png")


def test_pages_read_before_a_crash_are_kept() -> None:
    """The child dies in the middle: what it had done is not lost, and is not taken for all."""
    dying = (
        "import sys, os, json\n"
        "from indexers.extract.wire import page_to, write_frame\n"
        "from indexers.model import Page\n"
        "write_frame(sys.stdout.buffer, page_to(Page(1, 'page one')))\n"
        "os._exit(1)\n"
    )
    with ExtractionWorker(command=[sys.executable, "-c", dying]) as worker:
        found = read(worker, part(pdf("x")))

    assert [page.text for page in found.pages] == ["page one"]
    assert "What was read before that, 1 pages, is kept." in found.notes[0]


def test_a_child_that_talks_nonsense_is_not_believed() -> None:
    for said in (b"not json", b'{"pages": 7}', b'{"page": [1]}', b"[]"):
        lying = (
            "import sys\nfrom indexers.extract.wire import write_frame\n"
            f"write_frame(sys.stdout.buffer, {said!r})\n"
        )
        with ExtractionWorker(command=[sys.executable, "-c", lying]) as worker:
            assert "failed" in reason(worker, part(pdf("x")))


def test_words_need_no_second_process() -> None:
    """Most mail has no attachment but a calendar or a text; starting a process for it is waste."""
    with ExtractionWorker(command=["/nonexistent"]) as worker:
        assert read(worker, part(b"plain words", "text/plain")).pages[0].text == "plain words"


def test_two_are_read_at_a_time_and_come_back_as_they_were_sent() -> None:
    letters = [pdf(f"letter {n}") for n in range(12)]
    with ExtractionPool(Means(ocr=False), workers=2) as pool:
        coming = [pool.submit(part(letter)) for letter in letters]
        found = [future.result() for future in coming]

    assert [r.pages[0].text for r in found if isinstance(r, Extracted)] == [
        f"letter {n}\n" for n in range(12)
    ]


def test_what_is_within_one_attachment_counts_together() -> None:
    """Files that are small each, and come to far too much in all."""
    inner = zipped({f"{n}.txt": "word " * 100_000 for n in range(10)})
    content = zipped({f"{n}.zip": inner for n in range(9)})

    found = read_part(part(content), Means(budget=Budget(characters=1_500_000)))

    assert isinstance(found, Extracted)
    assert sum(len(page.text) for page in found.pages) < 2_500_000
    assert "too long" in " ".join(found.notes)
