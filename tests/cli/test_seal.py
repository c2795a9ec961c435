"""Seals: from real authorities on loopback, checked by OpenSSL; tampering with them is found."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.conftest import journal, letter, run_papertrail, snapshot, write_config
from tests.servers.timestamps import HAS_OPENSSL, TimestampServer

pytestmark = pytest.mark.skipif(not HAS_OPENSSL, reason="OpenSSL is not installed")


class Nowhere:
    host, port, username = "127.0.0.1", 1, "me"


@pytest.fixture
def witnesses(tmp_path: Path) -> Iterator[list[TimestampServer]]:
    with ExitStack() as stack:
        yield [stack.enter_context(TimestampServer(tmp_path / name)) for name in ("one", "two")]


@pytest.fixture
def config(tmp_path: Path, archive: Path, witnesses: list[TimestampServer]) -> Path:
    config = write_config(tmp_path / "c.toml", archive, Nowhere())
    text = config.read_text() + "[seal]\nnightly = true\n"
    for name, server in zip(("first", "second"), witnesses, strict=True):
        text += (
            f'[[seal.authority]]\nname = "{name}"\nurl = "{server.url}"\n'
            f'ca_file = "{server.ca_file}"\n'
        )
    config.write_text(text)
    add_letter(config, tmp_path, 1)
    return config


def add_letter(config: Path, tmp_path: Path, number: int) -> None:
    path = tmp_path / f"{number}.eml"
    path.write_bytes(letter(number))
    assert run_papertrail(config, "import", str(path)).status == 0


def test_two_authorities_stamp_the_head_and_openssl_agrees(config: Path, archive: Path) -> None:
    ran = run_papertrail(config, "seal")

    assert ran.status == 0, ran.said
    assert "Time-stamped by first on" in ran.out
    assert "Time-stamped by second on" in ran.out
    sealed = journal(archive)[-1]
    statement = next((archive / "seals").glob("*.txt"))
    assert statement.read_text() == (
        f"Paper Trail: the head of a journal\nlines: {sealed['number']}\n"
        f"link: {sealed['previous']}\n"
    )
    for answer in (archive / "seals").glob("*.tsr"):
        done = subprocess.run(
            ["openssl", "ts", "-verify", "-data", statement, "-in", answer,
             "-CAfile", answer.with_suffix(".pem")],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "Verification: OK" in done.stdout + done.stderr
    verified = run_papertrail(config, "verify")
    assert verified.status == 0, verified.said
    assert "2 time stamps by witnesses outside hold" in verified.out


def test_the_shell_lines_of_the_readme_check_every_seal(config: Path, archive: Path) -> None:
    run_papertrail(config, "seal")
    readme = (archive / "README.txt").read_text("utf-8")
    shell = readme.split("OpenSSL is on most computers):\n\n")[1].split('\n\n"Verification')[0]

    done = subprocess.run(
        ["sh", "-c", shell], cwd=archive, capture_output=True, text=True, check=True
    )

    assert (done.stdout + done.stderr).count("Verification: OK") == 2


def test_nothing_new_is_not_sealed_again(config: Path, archive: Path) -> None:
    run_papertrail(config, "seal")
    before = snapshot(archive)

    ran = run_papertrail(config, "seal")

    assert "Nothing was added" in ran.out
    assert snapshot(archive) == before


def test_lines_cut_off_before_the_last_seal_are_found_without_the_catalogue(
    config: Path, archive: Path, tmp_path: Path
) -> None:
    """The one tampering that the chain by itself can never show."""
    add_letter(config, tmp_path, 2)
    run_papertrail(config, "seal")
    lines = (archive / "journal.jsonl").read_bytes().splitlines(keepends=True)
    received = [n for n, line in enumerate(lines) if b'"kind":"received"' in line]
    digest = journal(archive)[received[-1]]["sha256"]
    (archive / "journal.jsonl").write_bytes(b"".join(lines[: received[-1]]))
    (archive / "originals" / str(digest)[:2] / f"{digest}.eml").unlink()
    shutil.rmtree(archive / "derived")

    ran = run_papertrail(config, "verify")

    assert ran.status == 1
    assert "lines were cut off or written anew" in " ".join(ran.out.split())


def test_a_changed_removed_or_exchanged_stamp_is_found(
    config: Path, archive: Path, tmp_path: Path
) -> None:
    run_papertrail(config, "seal")
    first, second = sorted((archive / "seals").glob("*.tsr"))
    good = first.read_bytes()

    def findings() -> str:
        ran = run_papertrail(config, "verify")
        assert ran.status == 1
        return " ".join(ran.out.split())

    first.write_bytes(good[:-4] + b"\x00" + good[-3:])
    assert "does not hold" in findings()
    first.write_bytes(second.read_bytes())
    assert "does not hold" in findings()
    first.unlink()
    assert "is not there" in findings()
    first.write_bytes(good)
    statement = next((archive / "seals").glob("*.txt"))
    statement.write_text(statement.read_text().replace("lines: ", "lines: 1"))
    assert "written anew" in findings()


def test_an_authority_that_fails_does_not_keep_the_other_from_it(
    config: Path, archive: Path, witnesses: list[TimestampServer]
) -> None:
    witnesses[0].broken = b"no stamp today"

    ran = run_papertrail(config, "seal")

    assert ran.status == 1
    assert "Time-stamping authority 'first'" in ran.err
    assert "Time-stamped by second" in ran.out
    assert run_papertrail(config, "verify").status == 0


def test_a_stamp_by_somebody_else_is_refused(
    config: Path, archive: Path, witnesses: list[TimestampServer]
) -> None:
    witnesses[0].ca_file.write_bytes(witnesses[1].ca_file.read_bytes())

    ran = run_papertrail(config, "seal")

    assert ran.status == 1
    assert "does not hold" in ran.err
    assert not list((archive / "seals").glob("*.first.tsr"))


def test_without_an_authority_the_head_is_printed_to_be_kept_elsewhere(
    tmp_path: Path, archive: Path
) -> None:
    config = write_config(tmp_path / "plain.toml", archive, Nowhere())
    add_letter(config, tmp_path, 1)

    ran = run_papertrail(config, "seal")

    assert ran.status == 0
    assert f"link: {journal(archive)[-1]['previous']}" in ran.out
    assert "mail the lines" in ran.out
