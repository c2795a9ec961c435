"""An archive with a school's mail in it, made without a server, and the command that packs it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from archiver.archive import write_archive
from archiver.catalogue import place_facts
from archiver.cli.main import main
from archiver.journal import EntryKind
from archiver.model import Place

CONFIG = """
[archive]
path = "{path}"
timezone = "America/Phoenix"
[child]
names = ["Maya Lopez", "Maya"]
[[account]]
name = "family"
host = "127.0.0.1"
port = 1
security = "none"
username = "mum@mail.example"
password_env = "PAPERTRAIL_PASSWORD"
[correspondence]
domains = ["school.example"]
[people]
parents = ["mum@mail.example", "dad@mail.example"]
privileged = ["law.example"]
"""


@dataclass
class Ran:
    status: int
    said: str


@dataclass
class Family:
    """An archive on disk with its configuration."""

    config: Path
    path: Path

    def bundle(self, *arguments: str, office: bool = False) -> Ran:
        return self.run("bundle", *arguments, office=office)

    def run(self, *arguments: str, office: bool = False) -> Ran:
        """The command in this process: what it does is the same, and it starts at once."""
        said, status = io.StringIO(), 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["papertrail", "--config", str(self.config), *arguments])
            patch.setenv("PAPERTRAIL_PASSWORD", "x")
            patch.setenv("PAPERTRAIL_NO_OFFICE", "" if office else "1")
            with redirect_stdout(said), redirect_stderr(said):
                try:
                    main()
                except SystemExit as end:
                    status = int(end.code or 0)
        assert "Something went wrong inside" not in said.getvalue(), said.getvalue()
        return Ran(status, said.getvalue())


def make_archive(folder: Path, raws: Sequence[bytes], mailbox: str = "INBOX") -> Family:
    """Keep messages as a pull would: vault first, then the journal."""
    path = folder / "archive"
    with write_archive(path, now=lambda: datetime(2026, 4, 1, 9, tzinfo=UTC)) as archive:
        staged = [archive.vault.stage([raw]) for raw in raws]
        places = [Place("family", mailbox, 1, uid) for uid in range(1, len(raws) + 1)]
        archive.vault.keep(staged)
        archive.record(
            (
                EntryKind.RECEIVED,
                {
                    **place_facts(place),
                    "sha256": original.digest,
                    "size": original.size,
                    "standing": "school",
                },
            )
            for place, original in zip(places, staged, strict=True)
        )
    config = folder / "config.toml"
    config.write_text(CONFIG.format(path=path), encoding="utf-8")
    return Family(config, path)


def mail(
    subject: str,
    body: str,
    *,
    sender: str = "Dana Ortiz <dana@school.example>",
    to: str = "Mum <mum@mail.example>",
    date: str = "Wed, 4 Mar 2026 09:00:00 -0700",
    html: str = "",
    attach: Sequence[tuple[str, str, bytes]] = (),
    extra: Sequence[tuple[str, str]] = (),
) -> bytes:
    """A message as bytes; attachments are (name, media type, content)."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Date"] = sender, to, subject, date
    number = sha256(f"{subject}{date}{body}".encode()).hexdigest()[:12]
    message["Message-ID"] = f"<{number}@test.example>"
    for name, value in extra:
        message[name] = value
    message.set_content(body)
    if html:
        message.add_alternative(html, subtype="html")
    for name, kind, content in attach:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def pdf(*pages: str, landscape: bool = False, title: str = "") -> bytes:
    """A PDF with a line of text at the foot of each page, where a stamp would like to stand."""
    from reportlab.lib.pagesizes import letter
    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    size = letter[::-1] if landscape else letter
    canvas = Canvas(out, pagesize=size, invariant=True)
    canvas.setTitle(title)
    for text in pages:
        canvas.drawString(72, size[1] - 72, text)
        canvas.drawString(20, 6, f"foot of: {text}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Family:
    """A small year: five messages that may leave, three that may not."""
    return make_archive(
        tmp_path_factory.mktemp("year"),
        [
            mail("Speech this week", "Speech was cancelled on Tuesday. Ms. Reyes was out."),
            mail(
                "Draft IEP",
                "The draft is attached.",
                date="Thu, 5 Mar 2026 10:00:00 -0700",
                attach=[
                    ("Draft IEP.pdf", "application/pdf", pdf("Draft IEP one", "Draft IEP two")),
                    ("minutes.csv", "text/csv", b"date,minutes\n2026-03-04,30\n"),
                    ("voice.mp3", "audio/mpeg", b"ID3 not really sound"),
                ],
            ),
            mail(
                "Señora López — ünïcödé 漢字",
                "plain",
                date="Fri, 6 Mar 2026 10:00:00 -0700",
                html="<p>El niño <b>recibió</b> 30 minutos.</p><ul><li>één</li><li>два</li></ul>"
                '<table><tr><th>Day</th><th>Min</th></tr><tr><td>Mon</td><td>30</td></tr></table>'
                '<img src="https://tracker.example/p.png" alt="logo" width="200">'
                "<script>alert('never')</script>",
            ),
            mail("Re: Draft IEP", "I disagree with page 2.", sender="Mum <mum@mail.example>",
                 to="dana@school.example", date="Sat, 7 Mar 2026 10:00:00 -0700"),
            mail("Later letter", "A letter from April.", date="Wed, 1 Apr 2026 10:00:00 -0700"),
            mail("Strategy", "Offer them forty hours and hold the transport claim back for now.",
                 sender="Ann Counsel <ann@law.example>", date="Sun, 8 Mar 2026 10:00:00 -0700"),
            mail("Tonight", "Maya cried again, see what the school wrote.",
                 sender="dad@mail.example", date="Mon, 9 Mar 2026 10:00:00 -0700"),
            mail("Mediation", "The mediation session is on Friday.",
                 date="Tue, 10 Mar 2026 10:00:00 -0700"),
        ],
    )  # fmt: skip


@pytest.fixture(scope="session")
def packet(year: Family, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first volume, as it was written; tests copy it before they do anything to it."""
    out = tmp_path_factory.mktemp("packet") / "volume-1"
    ran = year.bundle("--before", "2026-03-31", "-o", str(out))
    assert ran.status == 1, ran.said  # 1: done, and something chosen stays in the archive
    return out


@pytest.fixture
def archive_of(tmp_path: Path) -> Callable[..., Family]:
    """An archive of one's own from messages."""
    return lambda *raws: make_archive(tmp_path, raws)
