"""Default deny: one privileged sentence, planted everywhere, is found nowhere in what leaves."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from docx import Document
from PIL import Image

from archiver.archive import read_archive
from archiver.cli.reading import open_up_to_date
from archiver.config import load_settings
from archiver.model import Digest
from indexers.mime import read_message
from indexers.model import Message
from indexers.query import summaries
from reports.exhibits.apart import Apart
from reports.exhibits.choose import judge_all
from tests.reports.exhibits.conftest import Family, mail, make_archive, pdf

SECRET = "Offer them forty hours and hold the transport claim back for now."
WORDS = "hold the transport claim back for now"
COUNSEL = mail(
    "Strategy", f"Dear client,\n\n{SECRET}\n\nAnn", sender="Ann Counsel <ann@law.example>",
    date="Sun, 1 Mar 2026 10:00:00 -0700",
)  # fmt: skip


def _docx_with_comment() -> bytes:
    document = Document()
    paragraph = document.add_paragraph("Meeting notes.")
    document.core_properties.comments = SECRET
    del paragraph
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _png_with_text() -> bytes:
    from PIL.PngImagePlugin import PngInfo

    said = PngInfo()
    said.add_text("Comment", SECRET)
    out = BytesIO()
    Image.new("RGB", (40, 40), "white").save(out, "PNG", pnginfo=said)
    return out.getvalue()


def _letter(subject: str, body: str = "See below.", **more: object) -> bytes:
    return mail(subject, body, date="Mon, 9 Mar 2026 10:00:00 -0700", **more)  # type: ignore[arg-type]


PLANTED = {
    "body": _letter("a", f"We heard this: {SECRET}"),
    "quoted tail": _letter("b", f"Thank you.\n\nOn Sunday Ann wrote:\n> {SECRET}\n"),
    "wrapped tail": _letter(
        "c", "Thanks.\n\n> Offer them forty hours and hold the\n> transport claim back for now.\n"
    ),
    "html only": _letter("d", "Thanks for all.", html=f"<p>Thanks</p><blockquote>{SECRET}"),
    "hidden html": _letter(
        "e", "Thanks.", html=f'<p>Thanks</p><div style="display:none">{SECRET}</div>'
    ),
    "html comment": _letter("f", "Thanks.", html=f"<p>Thanks</p><!-- {SECRET} -->"),
    "html attribute": _letter("g", "Thanks.", html=f'<p title="{SECRET}">Thanks</p>'),
    "pdf text": _letter("h", attach=[("n.pdf", "application/pdf", pdf(SECRET))]),
    "pdf title": _letter("i", attach=[("n.pdf", "application/pdf", pdf("Notes", title=SECRET))]),
    "docx property": _letter(
        "j",
        attach=[
            (
                "n.docx",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                _docx_with_comment(),
            )
        ],
    ),
    "text file": _letter("k", attach=[("n.txt", "text/plain", SECRET.encode())]),
    "file name": _letter("l", attach=[(f"{SECRET}pdf", "application/pdf", pdf("Notes"))]),
    "picture's remark": _letter("m", attach=[("n.png", "image/png", _png_with_text())]),
    "subject": _letter(f"Fwd: {SECRET}"),
    "other header": _letter("n", extra=[("Thread-Topic", SECRET)]),
    "attached e-mail": _letter("o", attach=[("fw.eml", "message/rfc822", COUNSEL)]),
    "attorney quoted": _letter(
        "p", "Ok.\n\nOn Sunday Ann Counsel <ann@law.example> wrote:\n> Short.\n"
    ),
}


def _everything(root: Path) -> Iterator[tuple[str, str]]:
    """All words in everything written: names, texts, pages, properties, archives' insides."""
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        where = path.relative_to(root).as_posix()
        yield where, where
        content = path.read_bytes()
        yield where, content.decode("utf-8", "replace")
        if content[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield where, archive.read(name).decode("utf-8", "replace")
        if content[:5] == b"%PDF-":
            document = pypdfium2.PdfDocument(path)
            for page in document:
                yield where, page.get_textpage().get_text_range()
            with pikepdf.Pdf.open(path) as opened:
                yield where, " ".join(map(str, opened.docinfo.values()))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Family:
    clean = _letter("Speech on Monday", "Speech was held on Monday.")
    folder = tmp_path_factory.mktemp("planted")
    return make_archive(folder, [COUNSEL, *PLANTED.values(), clean])


@pytest.fixture(scope="module")
def judged(planted: Family) -> dict[str, str]:
    """Why each message stays, judged one at a time."""
    settings = load_settings(planted.config)
    why: dict[str, str] = {}
    with (
        open_up_to_date(settings) as db,
        read_archive(planted.path) as archive,
        Apart() as apart,
    ):

        def load(digest: Digest) -> tuple[bytes, Message]:
            raw = archive.vault.read(digest)
            return raw, read_message(raw)

        for digest in summaries(db):
            _, withheld = judge_all(db, [digest], load, settings.address_book(), apart)
            why |= {item.digest: item.why for item in withheld}
    return why


def test_a_privileged_sentence_leaves_in_no_disguise(planted: Family, tmp_path: Path) -> None:
    out = tmp_path / "packet"
    ran = planted.bundle("--after", "2026-01-01", "-o", str(out))

    assert ran.status == 1, ran.said
    assert "Wrote 1 exhibit" in ran.said, ran.said
    found = [(where, text) for where, text in _everything(out) if WORDS in " ".join(text.split())]
    assert found == []
    assert not any("law.example" in text for _, text in _everything(out))


@pytest.mark.parametrize("how", PLANTED)
def test_each_disguise_is_seen_by_itself(how: str, judged: dict[str, str]) -> None:
    """Not only as one among many, of which another might be what is seen."""
    assert judged.get(sha256(PLANTED[how]).hexdigest()) == "quotes_privileged"


def test_what_the_school_wrote_first_is_not_the_attorneys_secret(
    archive_of: Callable[..., Family],
) -> None:
    """An attorney who quotes the school must not make the school's own letter privileged."""
    said = "The team does not agree that additional speech minutes are needed at this time."
    school = mail("Notice", said, date="Mon, 2 Feb 2026 10:00:00 -0700")
    counsel = mail("Notice", f'They wrote: "{said}" Do not answer.', sender="ann@law.example")

    ran = archive_of(school, counsel).bundle("--search", "minutes", "--dry-run")

    assert ran.status == 1
    assert "1 exhibit, 1 document" in ran.said


def test_a_turn_of_phrase_is_nobodys_secret(archive_of: Callable[..., Family]) -> None:
    phrase = "Please let me know if you have any questions about this."
    school = [
        mail(f"No. {i}", phrase, sender=f"t{i}@school.example", date=f"{i} Apr 2026 10:00 -0700")
        for i in range(1, 5)
    ]
    counsel = mail("Note", phrase, sender="ann@law.example")

    ran = archive_of(counsel, *school).bundle("--after", "2026-04-01", "--dry-run")

    assert (ran.status, "4 exhibits" in ran.said) == (0, True), ran.said


def test_mediation_and_settlement_stay(archive_of: Callable[..., Family]) -> None:
    bodies = [
        "This is for settlement purposes only.",
        "At mediation they said 30 hours.",
        "We make this offer of compromise.",
        "The mediator called.",
    ]
    rights = (
        "Thank you.\n\n> Parents have protection under the procedural safeguards, including the\n"
        "> right to mediation, to file a state complaint and to request a due process hearing.\n"
    )
    notice = pdf("You may ask for mediation. See the procedural safeguards.")
    family = archive_of(
        *(mail("Hello", body) for body in bodies),
        mail("From the office", "Dates below.", sender="Mediation Unit <adr@state.example>"),
        mail("Re: Notice", rights),
        mail(
            "Position",
            "Parents are reminded that they may disagree with a decision of the committee, and "
            "may request mediation, a due process hearing or file a complaint.",
        ),
        mail("Notice", "Attached.", attach=[("Safeguards.pdf", "application/pdf", notice)]),
    )
    ran = family.bundle("--after", "2026-01-01", "--dry-run")

    assert ran.said.count("mediation or settlement") == len(bodies), ran.said
    assert "A mediator or mediation office" in ran.said
    # The booklet that every notice has with it names mediation and is no secret.
    assert "3 exhibits, 4 documents" in ran.said


def test_one_named_by_hand_leaves_and_no_other(planted: Family, tmp_path: Path) -> None:
    """--message chooses; only --disclose, with the number, lets a privileged message out."""
    digest = sha256(COUNSEL).hexdigest()

    chosen = planted.bundle("--message", digest[:12], "--case", "a", "--dry-run")
    disclosed = planted.bundle("--disclose", digest[:12], "--case", "a", "--dry-run")

    assert (chosen.status, "Your attorney" in chosen.said) == (2, True)
    assert (disclosed.status, "1 exhibit, 1 document" in disclosed.said) == (0, True)


def test_the_withheld_list_has_the_basis_and_no_content(planted: Family, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    planted.bundle("--after", "2026-01-01", "--case", "c", "--withheld", str(log), "--dry-run")

    text = log.read_text(encoding="utf-8")
    assert "2026-03-01,Ann Counsel,Mum,e-mail,privileged," in text
    assert len(text.splitlines()) == 2 + len(PLANTED)
    assert WORDS not in text
    assert "Strategy" not in text


def test_a_folder_that_the_family_named_for_itself_is_not_told(tmp_path: Path) -> None:
    """A journal line names the folder and cannot be shortened: the line stays, and that is said."""
    family = make_archive(tmp_path, [mail("Speech", "Held.")], mailbox="For the lawyer")
    out = tmp_path / "out"
    ran = family.bundle("--after", "2026-01-01", "-o", str(out))

    assert ran.status == 0, ran.said
    assert not any("For the lawyer" in text for _, text in _everything(out))
    record = json.loads((out / "data/record/exhibits.json").read_bytes())
    assert record["lines_left_out"] == record["exhibits"][0]["sections"][0]["source"].split()


def test_the_packet_does_not_say_that_anything_stayed(planted: Family, tmp_path: Path) -> None:
    """Not even as a count: the first page number, exhibit number and total are all of one."""
    out = tmp_path / "packet"
    planted.bundle("--after", "2026-01-01", "--case", "b", "-o", str(out))

    text = " ".join(text for where, text in _everything(out) if not where.endswith(".eml"))
    assert "withheld" not in text
    assert "P-2" not in text
