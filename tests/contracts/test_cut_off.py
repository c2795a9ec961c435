"""Files that were cut off, locked, or named in a charset of long ago."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest

from indexers.extract.contract import Means
from indexers.extract.mend_zip import meant_name, mended_zip
from indexers.extract.worker import ExtractionWorker
from reports.unread_help import what_helps
from tests.contracts.files import docx, part, read, reason, tnef, zipped
from tests.contracts.outlook_files import compound


@pytest.fixture(scope="module")
def worker() -> Iterator[ExtractionWorker]:
    with ExtractionWorker(Means(ocr=False), timeout_s=15.0) as running:
        yield running


def deflated(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_word_file_that_was_cut_off_is_read_as_far_as_it_goes(worker: ExtractionWorker) -> None:
    paragraphs = "".join(f"<w:p><w:r><w:t>Line {n}</w:t></w:r></w:p>" for n in range(400))
    content = docx(paragraphs)

    found = read(worker, part(content[: len(content) // 2], name="log.docx"))

    assert found.pages[0].text.startswith("Line 0\nLine 1\nLine 2\n")
    assert "Line 399" not in found.pages[0].text
    assert found.notes == (
        "The file is damaged, it may be cut off: only what is still in it was read.",
    )


@pytest.mark.parametrize("streamed", [False, True])
def test_files_of_a_zip_without_its_end_are_read(worker: ExtractionWorker, streamed: bool) -> None:
    out = io.BytesIO()
    target = _Unseekable(out) if streamed else out
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        archive.writestr("año/one.txt", "first " * 50)
        archive.writestr("two.txt", "second " * 50)
    content = out.getvalue()
    cut = content[: content.index(b"PK\x01\x02")]

    found = read(worker, part(cut, name="all.zip"))

    assert [page.text.split()[:4] for page in found.pages] == [
        ["[año", "/", "one.txt]", "first"],
        ["[two.txt]", "second", "second", "second"],
    ]


class _Unseekable:
    """A file that is written as to a network: sizes then follow the files."""

    def __init__(self, into: io.BytesIO) -> None:
        self.write, self.flush = into.write, into.flush


def test_a_bomb_that_was_cut_off_stays_bounded() -> None:
    bomb = deflated({f"{n}.txt": bytes(40 << 20) for n in range(4)})
    mended = mended_zip(bomb[:-30])

    assert mended is not None
    assert len(mended) < 65 << 20


def test_a_winmail_dat_that_was_cut_off_says_so(worker: ExtractionWorker) -> None:
    content = tnef("See the logs.", {"a.txt": b"first", "b.txt": b"second " * 100})

    found = read(worker, part(content[:-400]))

    assert found.notes == ("It is cut off: its end is missing.",)
    assert [page.text[:11] for page in found.pages] == [
        "See the log",
        "[a.txt]\nfir",
        "[b.txt]\nsec",
    ]


@pytest.mark.parametrize(
    "streams",
    [
        {"WordDocument": b"\xec\xa5" + bytes(9) + b"\x01" + bytes(500)},
        {"PowerPoint Document": b"x" * 500, "Current User": bytes(12) + b"\xdf\xc4\xd1\xf3"},
    ],
)
def test_old_office_files_with_a_password_are_called_locked(
    worker: ExtractionWorker, streams: dict[str, bytes]
) -> None:
    """They were said to be past LibreOffice's reading."""
    said = reason(worker, part(compound(streams)))

    assert said.startswith("The file is locked with a password.")


@pytest.mark.parametrize("charset", ["utf-8", "cp437", "cp1252"])
def test_names_in_a_zip_are_read_as_they_were_meant(worker: ExtractionWorker, charset: str) -> None:
    """Macs write UTF-8 without saying so; old Windows programs their own charset."""
    name = "niñez – año.txt" if charset == "utf-8" else "niñez año.txt"
    raw = name.encode(charset)
    holder = "X" * len(raw)
    content = zipped({holder: "minutes"}).replace(holder.encode(), raw)

    assert read(worker, part(content)).pages[0].text == f"[{name}]\nminutes"


def test_a_name_that_says_its_charset_is_left_alone() -> None:
    assert meant_name("├▒.txt", 0x800) == "├▒.txt"


def test_a_damaged_file_is_to_be_sent_again_not_converted() -> None:
    assert what_helps("application/msword", "The file is damaged and could not be opened.") == (
        "Ask the sender to send it again."
    )
