"""Servers, corpora and small helpers that every test may use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from demo.server import serve
from tests.servers.dovecot import Dovecot, Mailbox, dovecot_program

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
_EMBEDDED_ONLY = os.environ.get("PAPERTRAIL_TEST_SERVER") == "embedded"
_NO_DOVECOT = "Dovecot is not installed (apt install dovecot-imapd)"


@pytest.fixture(autouse=True)
def _home_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No test reads or writes the user's own configuration, state or keyring."""
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.delenv("PAPERTRAIL_CONFIG", raising=False)


@pytest.fixture(scope="session")
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    """One Dovecot for the whole session; tests take a mailbox of their own on it."""
    if dovecot_program() is None or _EMBEDDED_ONLY:
        pytest.skip(_NO_DOVECOT)
    base = tmp_path_factory.mktemp("dovecot")
    for folder in (base, *base.parents[:2]):
        folder.chmod(0o755)  # Dovecot reads the mail as another user
    with Dovecot(base / "server") as server:
        yield server


@pytest.fixture
def mailbox(dovecot: Dovecot, request: pytest.FixtureRequest) -> Mailbox:
    """An empty mailbox on Dovecot."""
    return dovecot.mailbox(f"user{abs(hash(request.node.nodeid)) % 10**9}")


@dataclass
class Served:
    """A mail server with messages in it, whichever kind this machine has."""

    host: str
    port: int
    username: str
    password: str
    kind: str
    originals: dict[str, list[bytes]] = field(default_factory=dict)


@pytest.fixture
def serve_mail(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[dict[str, list[bytes]]], Served]]:
    """Put messages by folder on a real server: Dovecot, else the embedded one."""
    stack = []

    def start(messages: dict[str, list[bytes]]) -> Served:
        if dovecot_program() is not None and not _EMBEDDED_ONLY:
            server = request.getfixturevalue("dovecot")
            box = request.getfixturevalue("mailbox")
            for folder, raws in messages.items():
                for raw in raws:
                    box.deliver(raw, folder)
            return Served(server.host, server.port, box.username, box.password, "dovecot", messages)
        root = tmp_path / "served"
        for folder, raws in messages.items():
            (root / folder).mkdir(parents=True)
            for number, raw in enumerate(raws):
                (root / folder / f"{number:04}.eml").write_bytes(raw)
        running = serve(root)
        server = running.__enter__()
        stack.append(running)
        return Served(
            server.host, server.port, server.username, server.password, "embedded", messages
        )

    yield start
    for running in stack:
        running.__exit__(None, None, None)


@pytest.fixture
def corpus() -> Callable[[str], Path]:
    """A labelled mailbox by name; the test is skipped where there is none."""

    def find(name: str) -> Path:
        path = SHARED / "corpus" / name
        if not path.is_dir():
            pytest.skip(f"the labelled mailboxes are not beside this checkout ({name})")
        return path

    return find


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what was not covered."""
    if _EMBEDDED_ONLY or dovecot_program() is None:
        terminalreporter.write_line(
            "Not covered: Dovecot was not there, so TLS, STARTTLS, flags on disk and the command "
            "transcript were not tested; everything else ran on the embedded server."
        )
