"""Every kind of file that schools send: what it is, its content says; what it says, is read."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from email.message import EmailMessage

import openpyxl
import pytest
from asn1crypto import cms
from openpyxl.comments import Comment

from archiver.outlook_rtf import unpack_rtf
from indexers.extract.contract import Means
from indexers.extract.worker import ExtractionWorker
from tests.contracts.files import docx, odf, part, pptx, read, reason, tnef, zipped
from tests.contracts.pdfs import pdf


@pytest.fixture(scope="module")
def worker() -> Iterator[ExtractionWorker]:
    with ExtractionWorker(Means(passwords=("wrong", "opens sesame"))) as running:
        yield running


def text(worker: ExtractionWorker, content: bytes, name: str = "x") -> str:
    return read(worker, part(content, name=name)).pages[0].text


def run(words: str) -> str:
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"


# --- what it is -------------------------------------------------------------------------------


@pytest.mark.parametrize("declared", ["image/jpeg", "text/plain", "application/msword"])
def test_a_file_is_what_its_content_says_whatever_it_is_called(
    worker: ExtractionWorker, declared: str
) -> None:
    found = read(worker, part(pdf("Prior written notice"), declared, "photo.jpg"))

    assert found.pages[0].text == "Prior written notice\n"


def test_a_word_file_sent_as_a_zip_is_read_as_a_word_file(worker: ExtractionWorker) -> None:
    assert text(worker, docx(run("Session log")), "log.zip") == "Session log\n"


# --- Word -------------------------------------------------------------------------------------


def test_changes_in_a_draft_are_shown_as_such(worker: ExtractionWorker) -> None:
    """A draft IEP with "30" struck and "20" put in says something that neither number says."""
    body = (
        "<w:p><w:r><w:t>Speech </w:t></w:r>"
        "<w:del><w:r><w:delText>30</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>20</w:t></w:r></w:ins><w:r><w:t> minutes</w:t></w:r></w:p>"
    )

    found = read(worker, part(docx(body)))

    assert found.pages[0].text == "Speech [deleted: 30][inserted: 20] minutes\n"
    assert found.notes == (
        "It has changes that were not accepted yet; they are marked in the text.",
    )


def test_headers_notes_comments_boxes_and_ticks_are_read(worker: ExtractionWorker) -> None:
    body = (
        run("Placement").replace(
            "</w:r></w:p>", '</w:r><w:r><w:commentReference w:id="0"/></w:r></w:p>'
        )
        + "<w:p><w:r><w:txbxContent>" + run("In the box") + "</w:txbxContent></w:r></w:p>"
        + '<w:sdt><w:sdtContent><w:p><w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>'
        "<w:r><w:t> Yes</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )  # fmt: skip

    found = text(
        worker,
        docx(
            body,
            header1=run("Mesa Unified"),
            footnotes=f'<w:footnote w:id="1">{run("See policy 4.")}</w:footnote>',
            comments=f'<w:comment w:id="0" w:author="Ms. Park">{run("Why?")}</w:comment>',
        ),
    )

    assert found == (
        "Mesa Unified\nPlacement [Comment 1]\n\nIn the box\n\n[x] Yes\n"
        "[Footnote 1: See policy 4.]\n[Comment 1 by Ms. Park: Why?]\n"
    )


def test_cells_over_several_columns_keep_the_others_in_their_place(
    worker: ExtractionWorker,
) -> None:
    cell = "<w:tc><w:tcPr>{}</w:tcPr>{}</w:tc>"
    rows = (
        cell.format('<w:gridSpan w:val="2"/>', run("Speech")) + cell.format("", run("30")),
        cell.format("", run("a")) + cell.format("<w:vMerge/>", run("")) + cell.format("", run("c")),
    )
    body = "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"

    assert read(worker, part(docx(body))).pages[0].tables[0].rows == (
        ("Speech", "", "30"),
        ("a", "", "c"),
    )


# --- spreadsheets -----------------------------------------------------------------------------


def test_cells_are_read_as_they_were_displayed(worker: ExtractionWorker) -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    sheet.title = "March"
    for row in (
        ["Date", "Start", "Minutes", "Share", "Paid"],
        [datetime.date(2026, 3, 4), datetime.time(14, 5), 30, 0.5, 1234.5],
    ):
        sheet.append(row)
    for cell, layout in (("A2", "mmm d, yyyy"), ("B2", "h:mm AM/PM"), ("D2", "0%"),
                         ("E2", '"$"#,##0.00')):  # fmt: skip
        sheet[cell].number_format = layout
    sheet["C2"].comment = Comment("substitute", "Dana")
    hidden = book.create_sheet("Old")
    hidden.append(["kept", 1])
    hidden.sheet_state = "hidden"
    book.save(out)

    assert [page.text for page in read(worker, part(out.getvalue())).pages] == [
        "[March]\nDate | Start | Minutes | Share | Paid\n"
        "Mar 4, 2026 | 2:05 PM | 30 | 50% | $1,234.50\n",
        "[Old (a hidden sheet)]\nkept | 1\n",
        "[Comment at C2 by Dana: substitute]\n",
    ]


def test_csv_with_semicolons_and_lines_within_a_cell(worker: ExtractionWorker) -> None:
    content = 'Date;Note\n3/4;"absent,\nno reason"\n'.encode("utf-16")

    assert text(worker, content, "log.csv") == "Date | Note\n3/4 | absent, no reason\n"


# --- other documents --------------------------------------------------------------------------


def test_libreoffice_texts_and_sheets(worker: ExtractionWorker) -> None:
    row = "<table:table-row>{}</table:table-row>"
    cell = "<table:table-cell {}><text:p>{}</text:p></table:table-cell>"
    sheet = (
        '<table:table table:name="A">'
        + row.format(cell.format("", "Date") + cell.format("", "Minutes"))
        + row.format(cell.format('table:number-columns-repeated="16384"', "0"))
        + "</table:table>"
    )
    letter = "<text:h>Notice</text:h><text:p>of<text:s/>a<text:line-break/>meeting</text:p>"

    assert text(worker, odf("text", letter)) == "Notice\nof a\nmeeting\n"
    assert text(worker, odf("spreadsheet", sheet)).startswith("Date | Minutes\n0 | 0 | 0")


def test_slides_in_the_order_they_are_shown(worker: ExtractionWorker) -> None:
    shape = "<p:sp><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:sp>"

    pages = read(worker, part(pptx(shape.format("First"), shape.format("Second")))).pages

    assert [(p.number, p.text) for p in pages] == [(1, "First\n"), (2, "Second\n")]


def test_rich_text(worker: ExtractionWorker) -> None:
    content = rb"{\rtf1\ansi Dear Ms. P\'e9rez,\par the session of {\b March 4} was missed.\par}"

    assert text(worker, content) == "Dear Ms. Pérez,\nthe session of March 4 was missed.\n"


def test_a_card_says_who_and_where(worker: ExtractionWorker) -> None:
    card = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Dana Ortiz\r\nORG:Mesa Unified;Speech\r\n"
        "TEL;TYPE=WORK:555-0100\r\nNOTE:Mondays\\, Room\r\n  4\r\nEND:VCARD\r\n"
    )

    assert text(worker, card.encode()) == (
        "Dana Ortiz\nMesa Unified, Speech\nTelephone: 555-0100\nMondays, Room 4\n"
    )


# --- files within files -----------------------------------------------------------------------


def test_a_zip_is_read_inside_and_no_name_in_it_is_a_path(worker: ExtractionWorker) -> None:
    inner = zipped({"deep.txt": "deep words"})
    content = zipped(
        {
            "../../etc/notice.pdf": pdf("page one", "page two"),
            "C:\\logs\\a.csv": "Date,Minutes\n3/4,30\n",
            "inner.zip": inner,
            "film.mp4": b"\0\0\0\x18ftypisom",
            "__MACOSX/._a.csv": "litter",
        }
    )

    found = read(worker, part(content))

    assert [(page.number, page.text) for page in found.pages] == [
        (1, "[etc / notice.pdf, page 1]\npage one\n"),
        (2, "[etc / notice.pdf, page 2]\npage two\n"),
        (3, "[C: / logs / a.csv]\nDate | Minutes\n3/4 | 30\n"),
        (4, "[inner.zip]\n[deep.txt]\ndeep words"),
    ]
    assert found.notes == ("film.mp4: It is a film; nothing listens to it or watches it here.",)


def test_an_attached_message_is_read_with_what_is_attached_to_it(
    worker: ExtractionWorker,
) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Dana Ortiz <dana@school.example>", "parent@home.example"
    mail["Date"], mail["Subject"] = "Wed, 04 Mar 2026 09:00:00 -0700", "Log"
    mail.set_content("I was out on March 3.")
    mail.add_attachment(pdf("the log"), maintype="application", subtype="pdf", filename="log.pdf")

    pages = read(worker, part(mail.as_bytes(), "message/rfc822", "Log.eml")).pages

    assert [page.text for page in pages] == [
        "From: Dana Ortiz <dana@school.example>\nSent: Wednesday, March 4, 2026 09:00 AM -0700\n"
        "To: parent@home.example\nSubject: Log\n\nI was out on March 3.\n",
        "[log.pdf]\nthe log\n",
    ]


def test_winmail_dat_is_taken_apart(worker: ExtractionWorker) -> None:
    content = tnef("Please find the log.", {"session log.txt": b"3/4 absent", "n.pdf": pdf("PWN")})

    assert [page.text for page in read(worker, part(content, name="winmail.dat")).pages] == [
        "Please find the log.",
        "[session log.txt]\n3/4 absent",
        "[n.pdf]\nPWN\n",
    ]


def test_files_in_the_properties_of_a_winmail_dat_are_whole(worker: ExtractionWorker) -> None:
    """Sixteen bytes were cut off a PDF, and a message within it was taken for its placeholder."""
    interface = bytes.fromhex("0703020000000000c000000000000046")
    inner = tnef("Maya was in the office at 10:15.", {"log.txt": b"30 minutes"})
    content = tnef(
        "Please see both.",
        {},
        {"notice.pdf": (0x0102, pdf("Prior written notice")), "Nurse": (0x000D, interface + inner)},
    )

    found = read(worker, part(content, name="winmail.dat"))

    assert [page.text.rstrip() for page in found.pages] == [
        "Please see both.",
        "[notice.pdf]\nPrior written notice",
        "[Nurse, page 1]\nMaya was in the office at 10:15.",
        "[Nurse, page 2]\n[log.txt]\n30 minutes",
    ]
    assert found.notes == ()


def test_a_pgp_signature_is_not_called_encrypted_mail(worker: ExtractionWorker) -> None:
    assert "signature" in reason(worker, part(b"-----BEGIN PGP SIGNATURE-----\n\nAbc=\n"))
    assert "encrypted" in reason(worker, part(b"-----BEGIN PGP MESSAGE-----\n\nAbc=\n"))


def test_rich_text_as_outlook_packs_it() -> None:
    """The example of the specification ([MS-OXRTFCP], 3.1)."""
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320a"
        "f32068656c090020627705b06c647d0a800fa0"
    )

    assert unpack_rtf(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def test_signed_mail_is_read_and_encrypted_mail_says_that_it_is(worker: ExtractionWorker) -> None:
    inside = b"Content-Type: text/plain\r\n\r\nThe district refuses.\r\n"
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [],
            "encap_content_info": {"content_type": "data", "content": inside},
            "signer_infos": [],
        }
    )
    opaque = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    hidden = cms.ContentInfo(
        {
            "content_type": "enveloped_data",
            "content": {
                "version": "v0",
                "recipient_infos": [],
                "encrypted_content_info": {
                    "content_type": "data",
                    "content_encryption_algorithm": {
                        "algorithm": "aes256_cbc",
                        "parameters": b"0" * 16,
                    },
                    "encrypted_content": b"0" * 16,
                },
            },
        }
    ).dump()

    found = read(worker, part(opaque, "application/pkcs7-mime", "smime.p7m"))
    assert "The district refuses." in found.pages[0].text
    assert "encrypted" in reason(worker, part(hidden, "application/pkcs7-mime", "smime.p7m"))
    assert "PGP" in reason(worker, part(b"-----BEGIN PGP MESSAGE-----\n\nhQ", "text/plain"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"ID3\x03\0", "sound recording"),
        (b"7z\xbc\xaf\x27\x1c", "packed file"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"junk" * 200, "damaged"),
        (b"\x00\x01\x02\x03" * 40, "kind that is not read"),
    ],
)
def test_what_is_not_read_says_why(worker: ExtractionWorker, content: bytes, said: str) -> None:
    assert said in reason(worker, part(content))
