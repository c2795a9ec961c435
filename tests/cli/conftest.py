"""The command line as its user runs it: a process of its own, a real server."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


Papertrail = Callable[..., Ran]


def run_papertrail(config: Path, *arguments: str, **environment: str) -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "archiver.cli", "--config", str(config), *arguments],
        capture_output=True,
        env={**os.environ, "PAPERTRAIL_PASSWORD": "correct-horse", **environment},
        encoding="utf-8",
        check=False,
    )
    ran = Ran(done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in ran.said, ran.said
    assert "went wrong inside" not in ran.said, ran.said
    return ran


def run_here(config: Path, *arguments: str) -> Ran:
    """The same in this process: many commands in little time."""
    from archiver.cli.main import main

    out, err, status = io.StringIO(), io.StringIO(), 0
    before, sys.argv = sys.argv, ["papertrail", "--config", str(config), *arguments]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as ended:
        status = int(ended.code or 0)
    finally:
        sys.argv = before
    ran = Ran(status, out.getvalue(), err.getvalue())
    assert "went wrong inside" not in ran.said, ran.said
    return ran


@dataclass
class _Nowhere:
    """A server that nobody asks."""

    host: str = "127.0.0.1"
    port: int = 1
    username: str = "nobody"


def imported(folder: Path, letters: list[bytes]) -> Path:
    """A configuration with an archive of letters, brought in from files."""
    config = write_config(folder / "c.toml", folder / "Paper Trail", _Nowhere())
    mail = folder / "mail"
    mail.mkdir()
    for number, raw in enumerate(letters):
        (mail / f"{number:04}.eml").write_bytes(raw)
    ran = run_here(config, "import", str(mail))
    assert ran.status == 0, ran.said
    return config


def write_config(path: Path, archive: Path, server: object, **changes: object) -> Path:
    """A configuration for a served mailbox; ``changes`` replace keys of [[account]]."""
    account = {
        "name": "family",
        "host": server.host,  # type: ignore[attr-defined]
        "port": server.port,  # type: ignore[attr-defined]
        "security": "none",
        "username": getattr(server, "username", ""),
        "password_env": "PAPERTRAIL_PASSWORD",
        **changes,
    }
    lines = [
        "[archive]",
        f"path = {json.dumps(str(archive))}",
        'timezone = "America/Phoenix"',
        "[child]",
        'names = ["Maya Lopez", "Maya"]',
        "[[account]]",
        *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in account.items()),
        "[correspondence]",
        'domains = ["school.example"]',
        "[people]",
        'parents = ["mum@mail.example", "dad@mail.example"]',
        'privileged = ["law.example"]',
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def letter(
    number: int,
    sender: str = "teacher@school.example",
    to: str = "mum@mail.example",
    body: str = "Speech was cancelled yesterday.",
    extra: str = "",
) -> bytes:
    """A plain message with CRLF line ends."""
    return (
        (
            f"From: {sender}\nTo: {to}\nSubject: Letter {number}\n"
            f"Date: Wed, 4 Mar 2026 09:{number % 60:02}:00 -0700\n"
            f"Message-ID: <{number}@test.example>\n"
            f"{extra}Content-Type: text/plain; charset=utf-8\n\n{body}\n"
        )
        .replace("\n", "\r\n")
        .encode()
    )


def originals(archive: Path) -> set[bytes]:
    return {path.read_bytes() for path in (archive / "originals").rglob("*.eml")}


def journal(archive: Path) -> list[dict[str, object]]:
    lines = (archive / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
