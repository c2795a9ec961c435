"""Every report, as its user makes it: nothing confidential in any of them, and the same twice."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from tests.cli.conftest import letter, run_papertrail, write_config

ALL = ("html", "pdf", "docx", "xlsx", "csv", "json", "ics")
SECRET = "zanzibar"  # no word of any report
SERVICE = """
[[service]]
service = "speech"
minutes = 30
times = 2
start = 2026-01-05
end = 2026-05-21
"""
REPORTS = {
    "chronology": ("html", "pdf", "docx", "xlsx", "csv", "json", "ics"),
    "services": ("html", "pdf", "docx", "xlsx", "csv", "json"),
    "open-requests": ("html", "pdf", "docx", "xlsx", "csv", "json"),
    "meetings": ("html", "pdf", "docx", "xlsx", "csv", "json"),
    "people": ("html", "pdf", "docx", "xlsx", "csv", "json"),
}


def attached(number: int, sender: str, to: str, body: str, name: str, content: str) -> bytes:
    """A message with a text file attached."""
    raw = letter(number, sender, to, "BODY", "MIME-Version: 1.0\n").decode()
    mixed = (
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
        f'{body}\r\n--b\r\nContent-Type: text/plain; name="{name}"\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n{content}\r\n--b--\r\n'
    )
    head, _, _ = raw.partition("Content-Type:")
    return (head + mixed).encode()


def mail() -> list[bytes]:
    """Ordinary mail of the school, with the secret wherever confidential words can hide."""
    lawyer, mum, school = "partner@law.example", "mum@mail.example", "teacher@school.example"
    missed = f"The {SECRET} speech session was cancelled on March 3, 2026, vacant post."
    named = f"Subject: {SECRET}\nX-Note: {SECRET}\nReply-To: {SECRET}@law.example\n"
    return [
        letter(1),
        letter(2, mum, school, "Please send me the speech logs. I request an evaluation."),
        letter(3, lawyer, mum, missed, named),
        letter(4, mum, "dad@mail.example", f"Maya and speech: {missed}"),
        letter(5, school, mum, f"The mediator offered {SECRET}. {missed}"),
        letter(
            6, school, mum,
            f"For settlement purposes only, {SECRET}: I was out on March 3, so no speech for Maya.",
        ),
        letter(
            7, school, mum,
            "Speech was cancelled on March 2.\n\nOn Mon, Mar 2, 2026 at 9:00 AM Partner "
            f"<{lawyer}> wrote:\n> {missed}\n> I object to the {SECRET} plan.",
        ),
        attached(
            8, school, mum, "Speech was cancelled on March 6.", f"{SECRET}-notes.txt",
            f"From: Partner <{lawyer}>\n{missed}",
        ),
        attached(9, lawyer, mum, "See the file.", f"{SECRET}.txt", missed),
        letter(10, school, mum, f"See you at the {SECRET} mediation.", f"Cc: {SECRET}@x.example\n"),
    ]  # fmt: skip


@pytest.fixture
def config(tmp_path: Path, archive: Path, serve_mail: Callable[..., object]) -> Path:
    path = write_config(tmp_path / "c.toml", archive, server := serve_mail({"INBOX": mail()}))
    path.write_text(path.read_text(encoding="utf-8") + SERVICE, encoding="utf-8")
    password = getattr(server, "password", "correct-horse")
    assert run_papertrail(path, "run", PAPERTRAIL_PASSWORD=password).status in {0, 1}
    return path


def everything_in(path: Path) -> str:
    """All that a file holds: its bytes, what is packed in it, and the words of its pages."""
    content = path.read_bytes()
    texts = [content.decode("utf-8", "ignore"), content.decode("utf-16", "ignore"), path.name]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(io.BytesIO(content)) as office:
            texts += [office.read(name).decode("utf-8", "ignore") for name in office.namelist()]
    if path.suffix == ".pdf":
        document = pdfium.PdfDocument(content)
        texts += [page.get_textpage().get_text_bounded() for page in document]
        texts += list(document.get_metadata_dict().values())
    return "\n".join(texts).lower()


def write_all(config: Path, folder: Path, forms: tuple[str, ...] = ALL) -> dict[str, bytes]:
    said = []
    for report, formats in REPORTS.items():
        for form in (form for form in formats if form in forms):
            path = folder / f"{report}.{form}"
            more = ["--all"] if report == "chronology" else []
            ran = run_papertrail(config, "report", report, "-o", str(path), *more)
            assert ran.status == 0, ran.said
            said.append(ran.said)
    assert SECRET not in "".join(said)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_confidential_word_is_in_no_report_and_each_is_the_same_twice(
    config: Path, tmp_path: Path, archive: Path
) -> None:
    """Planted in bodies, quoted tails, attachments, file names, subjects and addresses."""
    first = write_all(config, tmp_path / "first")

    leaks = [path.name for path in (tmp_path / "first").iterdir() if SECRET in everything_in(path)]
    assert leaks == []
    assert SECRET not in everything_in(archive / "exports" / "chronology.html")
    assert "speech" in everything_in(tmp_path / "first" / "chronology.pdf")  # it can be found
    second = write_all(config, tmp_path / "second", ("pdf", "xlsx"))  # those with clocks inside
    assert [name for name in second if first[name] != second[name]] == []


def test_a_dry_run_lists_what_would_leave_and_writes_nothing(config: Path, tmp_path: Path) -> None:
    target, before = tmp_path / "x.html", (tmp_path / "Paper Trail" / "journal.jsonl").read_bytes()

    ran = run_papertrail(config, "report", "chronology", "--dry-run", "-o", str(target))

    assert ran.status == 0
    assert "would leave" in ran.out
    assert SECRET not in ran.said
    assert not target.exists()
    assert (tmp_path / "Paper Trail" / "journal.jsonl").read_bytes() == before


def test_one_message_is_let_out_by_name_and_no_other(config: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.json"
    arguments = ("report", "chronology", "-o", str(target), "--include")

    assert run_papertrail(config, *arguments, "<6@test.example>").status == 0

    assert "settlement purposes" in target.read_text(encoding="utf-8")
    assert "mediator" not in target.read_text(encoding="utf-8")
    assert run_papertrail(config, *arguments, "deadbeefdeadbeef").status == 2


def test_the_withheld_list_names_the_ground_and_no_word_of_it(config: Path) -> None:
    ran = run_papertrail(config, "report", "withheld", "--format", "csv")

    assert ran.status == 0
    for ground in ("privileged", "mediation", "settlement", "family"):
        assert f",{ground}," in ran.out
    assert "cancelled" not in ran.out
