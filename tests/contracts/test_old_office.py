"""Office files of the old kind, wherever they lie, with LibreOffice as it is on this computer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from indexers.extract.contract import Means
from indexers.extract.kinds import DOC, PPT
from indexers.extract.office import Renewal
from indexers.extract.worker import ExtractionWorker
from indexers.model import Skipped
from indexers.office_program import convert_office, office_program
from tests.contracts.files import part, read, tnef, zipped

needs_office = pytest.mark.skipif(office_program() is None, reason="LibreOffice is not installed")


@pytest.fixture(scope="module")
def worker() -> Iterator[ExtractionWorker]:
    with ExtractionWorker(Means(ocr=False), timeout_s=15.0) as running:
        yield running


@pytest.fixture(scope="module")
def old_word() -> bytes:
    program = office_program()
    assert program is not None
    rich = rb"{\rtf1\ansi\ansicpg1252 Reuni\'f3n del IEP: 30 minutos\par}"
    made = convert_office(program, rich, ".rtf", "doc")
    assert isinstance(made, bytes), made
    return made


@needs_office
def test_an_old_word_file_is_read_wherever_it_lies(
    worker: ExtractionWorker, old_word: bytes
) -> None:
    mail = (
        b"From: a@school.example\r\nSubject: Log\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nSee the log.\r\n--b\r\n'
        b'Content-Type: application/msword; name="log.doc"\r\n\r\n' + old_word + b"\r\n--b--\r\n"
    )
    packed = zipped({"within.zip": zipped({"Año 2026/carta.doc": old_word})})

    attached = read(worker, part(old_word, name="carta.doc"))
    in_zip = read(worker, part(packed))
    in_mail = read(worker, part(mail, "message/rfc822"))
    in_tnef = read(worker, part(tnef("See the letter.", {"letter.doc": old_word})))

    assert attached.pages[0].text.strip() == "Reunión del IEP: 30 minutos"
    assert in_zip.pages[0].text.strip() == (
        "[within.zip]\n[Año 2026 / carta.doc]\nReunión del IEP: 30 minutos"
    )
    assert in_mail.pages[1].text.strip() == "[log.doc]\nReunión del IEP: 30 minutos"
    assert in_tnef.pages[1].text.strip() == "[letter.doc]\nReunión del IEP: 30 minutos"


def test_old_files_by_the_hundred_are_bounded_in_number_and_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Starting LibreOffice for each of 500 would take a night."""
    monkeypatch.setattr("indexers.extract.office.office_program", lambda: "soffice")
    for spent in (Renewal(files=50), Renewal(spent_s=301.0)):
        answer = spent.make(DOC, b"")
        assert isinstance(answer, Skipped)
        assert answer.reason.startswith("There are more Office files")


def test_without_libreoffice_it_is_named_as_what_would_help(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PAPERTRAIL_NO_OFFICE", "1")

    answer = Renewal().make(PPT, b"")

    assert answer == Skipped(
        "It is a PowerPoint file (.ppt) of the old kind. Installing LibreOffice would let it be"
        " read."
    )
