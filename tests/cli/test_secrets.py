"""A password is in no file that the program wrote, in nothing it said, and in no process list."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import letter, write_config
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.scripted import scripted
from tests.servers.terminal import papertrail

WRONG = "n0t-the-r1ght-one"


def forms(secret: str, username: str) -> list[bytes]:
    """A secret as it may turn up: as it is, as AUTHENTICATE PLAIN sends it, in other encodings."""
    plain = base64.b64encode(f"\0{username}\0{secret}".encode())
    alone = base64.b64encode(secret.encode()).rstrip(b"=")
    return [secret.encode(), secret.encode("utf-16-le"), plain, alone]


class Watched:
    """Runs the program in a home of its own, and remembers all it said and every command line."""

    def __init__(self, tmp_path: Path) -> None:
        self.root = tmp_path
        self.home = tmp_path / "home"
        self.home.mkdir()
        self.said: list[str] = []
        self.command_lines: set[bytes] = set()
        self.environment = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }

    def run(self, *command: str | Path, **more: str) -> int:
        with self._looking_at_processes():
            done = subprocess.run(
                list(map(str, command)),
                env={**self.environment, **more},
                cwd=self.home,
                capture_output=True,
                encoding="utf-8",
                stdin=subprocess.DEVNULL,
                check=False,
            )
        self.said.append(done.stdout + done.stderr)
        return done.returncode

    def leaks(self, secret: str, username: str, *allowed: Path) -> list[str]:
        """Where it is found."""
        looked_at = {
            **{str(p): p.read_bytes() for p in self.root.rglob("*") if p.is_file()},
            **{f"output {n}": text.encode() for n, text in enumerate(self.said)},
            **{f"command line {n}": line for n, line in enumerate(self.command_lines)},
        }
        for path in allowed:
            looked_at.pop(str(path))
        assert len(looked_at) > 20
        assert any(b"archiver.cli" in line for line in self.command_lines)
        found = forms(secret, username)
        return [where for where, data in looked_at.items() if any(form in data for form in found)]

    @contextmanager
    def _looking_at_processes(self) -> Iterator[None]:
        over = threading.Event()
        ours = f"HOME={self.home}".encode()  # other tests on this computer name their passwords

        def look() -> None:
            while not over.is_set():
                for path in Path("/proc").glob("[0-9]*/cmdline"):
                    try:
                        if ours in path.with_name("environ").read_bytes().split(b"\0"):
                            self.command_lines.add(path.read_bytes())
                    except OSError:
                        continue
                over.wait(0.2)

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="there is no /proc to look in")
def test_set_up_checked_run_and_failed_and_the_password_is_nowhere(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    mailbox.fill({"INBOX": [letter(n) for n in range(3)], "Sent": [letter(9)]})
    watched, secret = Watched(tmp_path), mailbox.password
    answers = tmp_path / "answers.toml"
    answers.write_text(
        f"""
        address = "mum@mail.example"
        host = "{dovecot.host}"
        port = {dovecot.port}
        security = "none"
        username = "{mailbox.username}"
        password_from = "file"
        child = ["Maya"]
        school = ["school.example"]
        state = "AZ"
        timezone = "America/Phoenix"
        archive = '{archive}'
        """
    )

    assert (
        watched.run(*papertrail("-vv", "init", "--answers", answers), PAPERTRAIL_PASSWORD=WRONG)
        == 3
    )
    assert watched.run(*papertrail("init", "--answers", answers), PAPERTRAIL_PASSWORD=secret) == 0
    assert watched.run(*papertrail("-vv", "run")) in {0, 1}
    log = (watched.home / ".local/state/papertrail/log/papertrail.log").read_text()
    assert "account family: 2 folders, 4 listed, 4 held, 4 received, 0 failed, to its end" in log
    for private in ("@", "Letter", "cancelled", "Maya"):
        assert private not in log
    assert watched.run(*papertrail("-vv", "--log-addresses", "check")) == 0
    assert watched.run(*papertrail("status", "--format", "jsonl")) in {0, 1}

    (kept,) = (watched.home / ".config/papertrail").glob("password-*")
    assert kept.read_text() == f"{secret}\n"
    assert watched.leaks(secret, mailbox.username, kept) == []
    assert watched.leaks(WRONG, mailbox.username) == []


@pytest.mark.parametrize(
    "said",
    [
        b"%t NO [AUTHENTICATIONFAILED] no user me with password n0t-the-r1ght-one\r\n",
        b"%t BAD LOGIN me n0t-the-r1ght-one\r\n",
        b"* BYE n0t-the-r1ght-one\r\n",
    ],
)
def test_a_server_that_repeats_the_password_is_not_repeated(
    tmp_path: Path, archive: Path, said: bytes
) -> None:
    class At:
        username = "me"

    watched = Watched(tmp_path)
    with scripted({"LOGIN": said}) as (At.host, At.port):  # type: ignore[attr-defined]
        config = write_config(tmp_path / "c.toml", archive, At)
        assert watched.run(
            *papertrail("-vv", "--config", config, "check"), PAPERTRAIL_PASSWORD=WRONG
        )

    assert WRONG not in watched.said[0]
    assert WRONG not in (watched.home / ".local/state/papertrail/log/papertrail.log").read_text()


def test_a_crash_report_has_neither_the_password_nor_an_address(
    tmp_path: Path, archive: Path
) -> None:
    """A library's exception may carry anything; the parent is asked to send the report on."""

    class At:
        host, port, username = "127.0.0.1", 1, "me"

    config = write_config(tmp_path / "c.toml", archive, At)
    broken = (
        "import sys, archiver.imap_source as source\n"
        "def bug(account, password): raise RuntimeError(f'{password} of dana@school.example')\n"
        "source._connect = bug\n"
        "from archiver.cli.main import main\n"
        f"sys.argv = ['papertrail', '--config', {str(config)!r}, 'check']\n"
        "main()\n"
    )
    watched = Watched(tmp_path)

    assert watched.run(sys.executable, "-c", broken, PAPERTRAIL_PASSWORD=WRONG) == 3

    report = watched.home / ".local/state/papertrail/log/crash.txt"
    assert "RuntimeError: [hidden] of [address]" in report.read_text()
    assert report.stat().st_mode & 0o077 == 0
    assert "Something went wrong inside Paper Trail" in watched.said[0]
    assert WRONG not in watched.said[0]
