from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta, timezone
from ipaddress import IPv4Address
from pathlib import Path

import imapclient
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from demo.server import UNDATED, received_at, serve

LETTER = (
    b"From: Office <office@school.example>\r\nTo: p@home.example\r\n"
    b"Date: Tue, 05 Aug 2025 08:15:00 -0600\r\nMessage-ID: <1@school.example>\r\n"
    b"Subject: Hello\r\n\r\nFirst day is Wednesday.\r\n"
)
ODD = {
    "empty": b"",
    "no header": b"not a header line\nand no CRLF",
    "raw Latin-1": b"From: Jos\xe9 <a@b.example>\r\nSubject: \xff\r\n\r\nNUL \0 and \xe9",
    "unclosed multipart": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nx',
    "no blank line": b"Subject: only a header",
    "bare CR": b"Subject: x\r\n\r\none\rtwo\r\n.\r\n..\r\n",
    "nonsense date": b"Date: Mon, 32 Foo 2025 99:00 +9999\r\nMessage-ID: <<>>\r\n\r\n",
}


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    files = {"INBOX": [LETTER] * 4, "Escuela – años": list(ODD.values()), "A/B": [LETTER]}
    for folder, messages in files.items():
        (tmp_path / folder).mkdir(parents=True)
        for number, raw in enumerate(messages):
            (tmp_path / folder / f"{number:03d}.eml").write_bytes(raw)
    (tmp_path / "Nothing here").mkdir()
    return tmp_path


def test_folders_have_the_names_they_have_on_disk(mail, logged_in):
    with serve(mail) as server, logged_in(server) as client:
        names = {name for _, _, name in client.list_folders()}

    assert names == {"INBOX", "A", "A/B", "Escuela – años", "Nothing here"}


@pytest.mark.parametrize("folder", ["INBOX", "Escuela – años", "A/B", "Nothing here"])
def test_what_is_fetched_is_the_file_byte_for_byte(mail, logged_in, folder):
    """The archive's promise is about bytes; a server that mends mail could not test it."""
    with serve(mail) as server, logged_in(server) as client:
        client.select_folder(folder, readonly=True)
        uids = client.search(["ALL"])
        found = client.fetch(uids, ["BODY.PEEK[]", "RFC822.SIZE"]) if uids else {}

    expected = [path.read_bytes() for path in sorted((mail / folder).glob("*.eml"))]
    assert [found[uid][b"BODY[]"] for uid in uids] == expected
    assert [found[uid][b"RFC822.SIZE"] for uid in uids] == [len(raw) for raw in expected]


def test_a_message_can_be_fetched_in_pieces_or_by_header_field(mail, logged_in):
    with serve(mail) as server, logged_in(server) as client:
        client.select_folder("INBOX", readonly=True)
        uid = client.search(["ALL"])[0]
        middle = client.fetch([uid], ["BODY.PEEK[]<20.30>"])[uid][b"BODY[]<20>"]
        beyond = client.fetch([uid], ["BODY.PEEK[]<9999.10>"])[uid][b"BODY[]<9999>"]
        field = client.fetch([uid], ["BODY.PEEK[HEADER.FIELDS (SUBJECT)]"])[uid]

    assert (middle, beyond) == (LETTER[20:50], b"")
    assert field[b"BODY[HEADER.FIELDS (SUBJECT)]"] == b"Subject: Hello\r\n\r\n"


def test_peeking_leaves_the_unread_mark_and_plain_fetching_removes_it(mail, logged_in):
    """Without the second half, "flags are unchanged" would hold of any client."""
    with serve(mail) as server:
        with logged_in(server) as client:
            client.select_folder("INBOX", readonly=True)
            client.fetch(client.search(["ALL"]), ["BODY.PEEK[]"])
        with logged_in(server) as client:
            client.select_folder("INBOX")
            after_peeking = client.search(["UNSEEN"])
            client.fetch(after_peeking, ["BODY[]"])
            after_reading = client.search(["UNSEEN"])

    assert (after_peeking, after_reading) == ([101, 104], [])


def test_serving_again_gives_the_same_uids_and_uidvalidity_unless_told_otherwise(mail, logged_in):
    seen = []
    for options in ({}, {}, {"uid_validity": 7}):
        with serve(mail, **options) as server, logged_in(server) as client:
            opened = client.select_folder("A/B", readonly=True)
            seen.append((opened[b"UIDVALIDITY"], client.search(["ALL"])))

    assert seen == [(1_754_000_000, [101]), (1_754_000_000, [101]), (7, [101])]


def test_internaldate_is_the_date_header_with_its_offset(mail, logged_in):
    with serve(mail) as server, logged_in(server) as client:
        client.normalise_times = False
        client.select_folder("INBOX", readonly=True)
        found = client.fetch([101], ["INTERNALDATE"])[101][b"INTERNALDATE"]

    assert found == datetime(2025, 8, 5, 8, 15, tzinfo=timezone(timedelta(hours=-6)))


@pytest.mark.parametrize(
    ("raw", "when"),
    [
        (LETTER, datetime(2025, 8, 5, 14, 15, tzinfo=UTC)),
        (
            b"Received: by mx.example; Fri, 3 Oct 2025 10:00:00 +0000\r\nSubject: x\r\n\r\n",
            datetime(2025, 10, 3, 10, tzinfo=UTC),
        ),
        (b"Date: Tue, 05 Aug 2025 08:15:00\r\n\r\n", datetime(2025, 8, 5, 8, 15, tzinfo=UTC)),
        *((raw, UNDATED) for raw in ODD.values()),
    ],
)
def test_the_moment_of_receipt_comes_from_the_headers_or_is_a_fixed_one(raw, when):
    assert received_at(raw) == when


def test_a_wrong_password_is_refused(mail):
    with (
        serve(mail, password="right") as server,
        imapclient.IMAPClient(server.host, server.port, ssl=False, timeout=20) as client,
        pytest.raises(imapclient.exceptions.LoginError),
    ):
        client.login(server.username, "wrong")


def test_the_server_ends_even_if_a_client_is_still_connected(mail):
    with serve(mail) as server:
        client = imapclient.IMAPClient(server.host, server.port, ssl=False, timeout=20)

    with pytest.raises(OSError):
        imapclient.IMAPClient(server.host, server.port, ssl=False, timeout=5)
    client.shutdown()


def test_a_folder_that_is_missing_is_an_error_of_the_caller(tmp_path):
    (tmp_path / "INBOX").mkdir()
    (tmp_path / "INBOX" / "000.eml").mkdir()

    with pytest.raises(OSError), serve(tmp_path):
        pass


@pytest.fixture
def certificate(tmp_path_factory) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    address = x509.IPAddress(IPv4Address("127.0.0.1"))
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        built.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_can_be_read_over_tls(mail, certificate, security):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    trust = ssl.create_default_context(cafile=str(certificate))

    with (
        serve(mail, security=security, tls=context) as server,
        imapclient.IMAPClient(
            server.host,
            server.port,
            ssl=security == "tls",
            ssl_context=trust if security == "tls" else None,
            timeout=20,
        ) as client,
    ):
        if security == "starttls":
            client.starttls(trust)
        client.login(server.username, server.password)
        client.select_folder("INBOX", readonly=True)
        found = client.fetch([101], ["BODY.PEEK[]"])[101][b"BODY[]"]

    assert found == LETTER


def test_tls_needs_a_certificate(mail):
    with pytest.raises(ValueError, match="TLS context"), serve(mail, security="tls"):
        pass
