"""DKIM at receipt: real signatures, a real resolver against a name server on loopback."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.cli.conftest import journal, letter, run_papertrail, write_config
from tests.conftest import Served
from tests.servers.names import NameServer

KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
)
RECORD = (
    "v=DKIM1; k=rsa; p="
    + base64.b64encode(
        KEY.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    ).decode()
)


def signed(number: int, selector: bytes = b"s1") -> bytes:
    raw = letter(number)
    signature: bytes = dkim.sign(raw, selector, b"school.example", PEM)
    return signature + raw


SIGNED, GONE = signed(1), signed(2, b"old")
CHANGED = signed(3).replace(b"cancelled", b"delivered")
PLAIN = letter(4, extra="Authentication-Results: mx.mail.example; dkim=none\n")


@pytest.fixture
def names() -> Iterator[NameServer]:
    with NameServer({"s1._domainkey.school.example": RECORD}) as server:
        yield server


@pytest.fixture
def config(
    serve_mail: Callable[[dict[str, list[bytes]]], Served],
    tmp_path: Path,
    archive: Path,
    names: NameServer,
) -> Path:
    served = serve_mail({"INBOX": [SIGNED, GONE, CHANGED, PLAIN]})
    config = write_config(tmp_path / "c.toml", archive, served)
    extra = f'[dkim]\ncheck = true\nnameserver = "{names.address}"\n'
    config.write_text(config.read_text() + extra)
    return config


def test_each_message_gets_its_verdict_and_the_key_it_rests_on(config: Path, archive: Path) -> None:
    ran = run_papertrail(config, "pull")
    assert ran.status == 0, ran.said

    rows = [
        json.loads(line)
        for line in run_papertrail(config, "dkim", "--format", "jsonl").out.splitlines()
    ]
    assert [row["verdict"] for row in rows] == ["pass", "could not check", "fail", "no signature"]
    assert rows[0]["signatures"][0]["key"] == RECORD
    assert rows[1]["signatures"][0]["why"] == "the domain no longer publishes this key"
    assert rows[3]["authentication_results"] == "mx.mail.example; dkim=none"
    table = run_papertrail(config, "dkim").out
    assert "1 could not check, 1 fail, 1 no signature, 1 pass" in table
    assert "genuine" not in table
    assert run_papertrail(config, "verify").status == 0


def test_a_verdict_stands_when_the_key_is_gone_and_can_be_computed_again(
    config: Path, archive: Path, names: NameServer
) -> None:
    run_papertrail(config, "pull")
    names.records.clear()
    run_papertrail(config, "pull")

    first = next(e for e in journal(archive) if e["kind"] == "dkim")
    assert first["verdict"] == "pass"
    key = first["signatures"][0]["key"]  # type: ignore[index]
    assert dkim.verify(SIGNED, dnsfunc=lambda name, timeout=5: key.encode())
    assert len([e for e in journal(archive) if e["kind"] == "dkim"]) == 4, "checked once"


def test_a_name_server_that_is_down_is_asked_again_the_next_night(
    config: Path, archive: Path, names: NameServer
) -> None:
    names.down = True
    ran = run_papertrail(config, "pull")
    assert ran.status == 0
    assert "name server did not answer" in ran.err
    assert [e for e in journal(archive) if e["kind"] == "dkim"] == []

    names.down = False
    run_papertrail(config, "pull")

    assert len([e for e in journal(archive) if e["kind"] == "dkim"]) == 4


def test_nothing_is_asked_where_it_is_not_switched_on(
    serve_mail: Callable[[dict[str, list[bytes]]], Served], tmp_path: Path, archive: Path
) -> None:
    served = serve_mail({"INBOX": [SIGNED]})
    config = write_config(tmp_path / "plain.toml", archive, served)

    run_papertrail(config, "pull")

    assert [e for e in journal(archive) if e["kind"] == "dkim"] == []
    assert "switched off" in run_papertrail(config, "dkim").out
