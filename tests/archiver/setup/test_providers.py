"""From an address to a server: the table, and what a domain tells."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.config import AccountTable
from archiver.setup.autoconfig import FoundServer, read_client_config
from archiver.setup.discover import Discovered, discover, fetch_https
from archiver.setup.providers import provider_by_exchangers, provider_of, providers
from tests.servers.certificates import Authority

ADDRESS = "ana@lopez.example"


@pytest.mark.parametrize(
    ("address", "provider", "host"),
    [
        ("a@gmail.com", "gmail", "imap.gmail.com"),
        ("A@GoogleMail.com", "gmail", "imap.gmail.com"),
        ("a@outlook.com", "outlook", "outlook.office365.com"),
        ("a@hotmail.co.uk", "outlook", "outlook.office365.com"),
        ("a@yahoo.com", "yahoo", "imap.mail.yahoo.com"),
        ("a@yahoo.com.mx", "yahoo", "imap.mail.yahoo.com"),
        ("a@aol.com", "aol", "imap.aol.com"),
        ("a@verizon.net", "aol", "imap.aol.com"),
        ("a@icloud.com", "icloud", "imap.mail.me.com"),
        ("a@fastmail.com", "fastmail", "imap.fastmail.com"),
        ("a@comcast.net", "comcast", "imap.comcast.net"),
        ("a@sbcglobal.net", "att", "imap.mail.att.net"),
        ("a@cox.net", "cox", "imap.mail.yahoo.com"),
        ("a@gmx.com", "gmx", "imap.gmx.com"),
        ("a@gmx.de", "gmx-de", "imap.gmx.net"),
        ("a@zoho.com", "zoho", "imap.zoho.com"),
        ("a@proton.me", "proton", "127.0.0.1"),
    ],
)
def test_the_large_providers_are_known(address: str, provider: str, host: str) -> None:
    found = provider_of(address)

    assert found is not None
    assert (found.id, found.host) == (provider, host)


@pytest.mark.parametrize(
    "address",
    ["a@lopez.example", "a@yahoo.evil.example", "a@gmail.com.example", "a@notgmail.com", "a@"],
)
def test_a_domain_that_only_looks_like_one_of_them_is_not(address: str) -> None:
    assert provider_of(address) is None


def test_every_provider_can_be_configured_and_says_how_to_get_in() -> None:
    for provider in providers():
        AccountTable(
            name="family",
            host=provider.host,
            port=provider.port,
            security=provider.security,
            username=provider.usernames("a@x.example")[0],
            auth=provider.auth,
        )
        assert provider.steps
        assert provider.wants
        assert provider.domains or provider.mx
        assert provider.security == "tls" or provider.host == "127.0.0.1"


def test_an_app_password_is_taken_as_it_is_shown() -> None:
    gmail, icloud = provider_of("a@gmail.com"), provider_of("ana@icloud.com")
    assert gmail is not None
    assert icloud is not None

    assert gmail.password(" abcd efgh\u00a0ijkl mnop\n") == "abcdefghijklmnop"
    assert icloud.password("abcd-efgh-ijkl-mnop ") == "abcd-efgh-ijkl-mnop"
    assert icloud.usernames("ana@icloud.com") == ("ana", "ana@icloud.com")


def test_a_domain_of_one_s_own_is_known_by_who_takes_its_mail() -> None:
    for exchanger, expected in (
        ("aspmx.l.google.com.", "gmail"),
        ("lopez-example.mail.protection.outlook.com.", "microsoft365"),
        ("in1-smtp.messagingengine.com", "fastmail"),
        ("mx.zoho.com", "zoho-own"),
    ):
        found = provider_by_exchangers([exchanger])
        assert found is not None
        assert found.id == expected
    assert provider_by_exchangers(["mx.notgoogle.com", "google.com.evil.example"]) is None


def config_of(*servers: str) -> bytes:
    body = "".join(servers)
    return (
        f'<clientConfig version="1.1"><emailProvider id="x">{body}</emailProvider></clientConfig>'
    ).encode()


def imap(
    host: str = "imap.lopez.example", port: str = "993", how: str = "SSL", who: str = ""
) -> str:
    return (
        f'<incomingServer type="imap"><hostname>{host}</hostname><port>{port}</port>'
        f"<socketType>{how}</socketType><username>{who or '%EMAILADDRESS%'}</username>"
        "<authentication>password-cleartext</authentication></incomingServer>"
    )


def test_a_published_file_names_the_server_tls_before_starttls() -> None:
    raw = config_of(
        '<incomingServer type="pop3"><hostname>pop.lopez.example</hostname></incomingServer>',
        imap(port="143", how="STARTTLS"),
        imap(who="%EMAILLOCALPART%"),
    )

    assert read_client_config(raw, ADDRESS, "s") == FoundServer(
        "imap.lopez.example", 993, "tls", "ana", "s"
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html>not found</html>",
        b"<clientConfig",
        config_of(imap(how="plain")),
        config_of(imap(host="imap.lopez.example; rm")),
        config_of(imap(host="localhost")),
        config_of(imap(port="99999")),
        config_of(imap(port="-1")),
        config_of(imap(who="%REALNAME%")),
        config_of(imap()) + b"x" * 70_000,
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + config_of(imap(host="&a;.lopez.example")),
        config_of(imap()).replace(b"password-cleartext", b"OAuth2"),
        b"<?xml version='1.0' encoding='x-none'?><clientConfig/>",
    ],
)
def test_a_file_that_is_hostile_or_of_no_use_is_as_good_as_none(raw: bytes) -> None:
    assert read_client_config(raw, ADDRESS, "s") is None


@given(st.binary(max_size=300), st.text(max_size=40))
def test_no_bytes_raise(raw: bytes, host: str) -> None:
    read_client_config(raw, ADDRESS, "s")
    read_client_config(config_of(imap(host=host)).replace(b"993", raw[:5]), ADDRESS, "s")


class Domain:
    """What a domain answers; and all that it was asked."""

    def __init__(self, records: dict[tuple[str, str], list[str]], files: dict[str, bytes]) -> None:
        self.records, self.files, self.asked = records, files, list[str]()

    def lookup(self, name: str, kind: str) -> list[Any]:
        self.asked.append(f"{kind} {name}")
        lines = self.records.get((name, kind), [])
        return list(dns.rrset.from_text(name + ".", 60, "IN", kind, *lines)) if lines else []

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        if url not in self.files:
            raise OSError("not found")
        return self.files[url]

    def discover(self) -> Discovered:
        return discover(ADDRESS, self.fetch, self.lookup)


def test_the_provider_behind_a_domain_comes_first_and_only_the_domain_is_told() -> None:
    domain = Domain({("lopez.example", "MX"): ["10 aspmx.l.google.com."]}, {})
    found = domain.discover().provider
    assert found is not None
    assert found.id == "gmail"

    nothing = Domain({}, {})
    assert nothing.discover() == Discovered()
    assert nothing.asked == [
        "MX lopez.example",
        "https://autoconfig.lopez.example/mail/config-v1.1.xml",
        "https://lopez.example/.well-known/autoconfig/mail/config-v1.1.xml",
        "SRV _imaps._tcp.lopez.example",
        "SRV _imap._tcp.lopez.example",
    ]
    assert not any("ana" in asked for asked in nothing.asked)


def test_its_file_is_used_and_else_its_service_records() -> None:
    url = "https://lopez.example/.well-known/autoconfig/mail/config-v1.1.xml"
    by_file = Domain({}, {url: config_of(imap())}).discover().server
    assert by_file is not None
    assert (by_file.host, by_file.source) == ("imap.lopez.example", "lopez.example")

    records = {
        ("_imap._tcp.lopez.example", "SRV"): ["0 1 143 a.lopez.example."],
        ("_imaps._tcp.lopez.example", "SRV"): [
            "20 1 993 c.lopez.example.",
            "10 1 9993 b.lopez.example.",
        ],
    }
    assert Domain(records, {}).discover().server == FoundServer(
        "b.lopez.example", 9993, "tls", ADDRESS, "its DNS records"
    )
    records = {("_imaps._tcp.lopez.example", "SRV"): ["0 0 0 ."]}  # RFC 6186: not offered
    assert Domain(records, {}).discover() == Discovered()


def test_a_domain_that_answers_slowly_is_asked_for_some_seconds_and_no_longer() -> None:
    domain, now = Domain({}, {}), [0.0]

    def slow(name: str, kind: str) -> list[Any]:
        now[0] += 16
        return domain.lookup(name, kind)

    assert discover(ADDRESS, domain.fetch, slow, lambda: now[0]) == Discovered()
    assert domain.asked == ["MX lopez.example"]


@contextmanager
def https(tmp_path: Path, answer: tuple[int, dict[str, str], bytes]) -> Iterator[int]:
    authority = Authority(tmp_path / "ca")
    certificate, key = authority.issue("web")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, headers, body = answer
            self.send_response(code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def test_a_file_is_fetched_over_https_that_can_prove_itself_and_no_other_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with https(tmp_path, (200, {}, b"x" * 200_000)) as port:
        url = f"https://localhost:{port}/mail/config-v1.1.xml"
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            fetch_https(url)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca" / "ca.pem"))
        assert len(fetch_https(url)) == 65_537  # no more than it takes to see that it is too much
    away = {"Location": "http://localhost:1/config"}
    with https(tmp_path / "2", (302, away, b"")) as port:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "2" / "ca" / "ca.pem"))
        with pytest.raises(OSError, match="away from HTTPS"):
            fetch_https(f"https://localhost:{port}/")
    with pytest.raises(OSError, match="not an HTTPS"):
        fetch_https("file:///etc/hostname")
