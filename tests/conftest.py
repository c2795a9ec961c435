"""Servers, corpora and small helpers that every test may use."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.servers.dovecot import Certificate, Dovecot, Mailbox, dovecot_program

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
_EMBEDDED_ONLY = os.environ.get("PAPERTRAIL_TEST_SERVER") == "embedded"
_NO_DOVECOT = (
    "PAPERTRAIL_TEST_SERVER=embedded leaves Dovecot out"
    if _EMBEDDED_ONLY
    else "Dovecot is not installed (apt install dovecot-imapd)"
)
_HAS_DOVECOT = dovecot_program() is not None and not _EMBEDDED_ONLY
_users = itertools.count(1)

# How fast a busy machine is says nothing about the code: in a fresh clone the first text that
# Hypothesis draws builds its tables of Unicode, which took 2.4 s and failed the test.
settings.register_profile("papertrail", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("papertrail")


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
    # Nor does one notify whoever sits at this computer.
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Where a test's archive goes; nothing is there yet."""
    return tmp_path / "Paper Trail"


@pytest.fixture(scope="session")
def dovecot_presenting() -> Iterator[Callable[[Certificate], Dovecot]]:
    """A Dovecot by the certificate it shows; each is started once and lasts for the session."""
    if not _HAS_DOVECOT:
        pytest.skip(_NO_DOVECOT)
    running: dict[Certificate, Dovecot] = {}
    with ExitStack() as stack:

        def present(certificate: Certificate) -> Dovecot:
            if certificate not in running:
                # Not below pytest's own folder: only its owner may enter that, and the mail is
                # read as another user; and a path for a socket may have 107 bytes at most.
                base = stack.enter_context(tempfile.TemporaryDirectory(prefix="papertrail-"))
                server = Dovecot(Path(base), certificate=certificate)
                running[certificate] = stack.enter_context(server)
            return running[certificate]

        yield present


@pytest.fixture(scope="session")
def dovecot(dovecot_presenting: Callable[[Certificate], Dovecot]) -> Dovecot:
    """One Dovecot for the whole session; tests take a mailbox of their own on it."""
    return dovecot_presenting("valid")


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Mailbox:
    """An empty mailbox on Dovecot."""
    return dovecot.mailbox(f"user{next(_users)}")


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
    with ExitStack() as stack:

        def start(messages: dict[str, list[bytes]]) -> Served:
            if _HAS_DOVECOT:
                server = request.getfixturevalue("dovecot")
                box = request.getfixturevalue("mailbox")
                box.fill(messages)
                return Served(
                    server.host, server.port, box.username, box.password, "dovecot", messages
                )
            from demo.server import serve

            root = tmp_path / "served"
            for folder, raws in messages.items():
                (root / folder).mkdir(parents=True)
                for number, raw in enumerate(raws):
                    (root / folder / f"{number:04}.eml").write_bytes(raw)
            own = stack.enter_context(serve(root))
            return Served(own.host, own.port, own.username, own.password, "embedded", messages)

        yield start


@pytest.fixture
def corpus() -> Callable[[str], Path]:
    """A labelled mailbox by name; the test is skipped where there is none."""

    def find(name: str) -> Path:
        path = SHARED / "corpus" / name
        if not path.is_dir():
            pytest.skip(f"the labelled mailboxes are not beside this checkout ({name})")
        return path

    return find


@pytest.fixture
def dovecot_with_corpus(
    dovecot: Dovecot, corpus: Callable[[str], Path]
) -> Callable[[str], tuple[Mailbox, Path]]:
    """A labelled mailbox on Dovecot: the mailbox, and the corpus folder with its labels."""

    def load(name: str) -> tuple[Mailbox, Path]:
        from demo.server import received_at

        folder = corpus(name)
        box = dovecot.mailbox(f"{name}{next(_users)}")
        box.load(folder / "mail", received_at)
        return box, folder

    return load


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs Dovecot, so that ``-m "not dovecot"`` leaves it out."""
    for item in items:
        if {"dovecot", "dovecot_presenting"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("dovecot")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what was not covered."""
    if not _HAS_DOVECOT:
        terminalreporter.write_line(
            f"Not covered: {_NO_DOVECOT}, so TLS, STARTTLS, flags on disk and the transcript "
            "of commands were not tested; everything else ran on the embedded server."
        )
