"""What goes wrong outside: each has its sentence and its exit status, and nothing is lost."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import letter, originals, run_papertrail, snapshot, write_config
from tests.conftest import Served
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.scripted import scripted

Serve = Callable[[dict[str, list[bytes]]], Served]


class At:
    def __init__(self, host: str, port: int) -> None:
        self.host, self.port, self.username = host, port, "me"


def test_a_wrong_password_says_what_to_do(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    config = write_config(tmp_path / "c.toml", archive, dovecot, username=mailbox.username)

    ran = run_papertrail(config, "check", PAPERTRAIL_PASSWORD="wrong-one")

    assert ran.status == 3
    assert "did not accept the user name" in ran.err
    assert "app password" in ran.err
    assert "wrong-one" not in ran.said
    assert not archive.exists()


@pytest.mark.parametrize(
    "said",
    [
        b"%t NO [ALERT] Application-specific password required: https://x.example\r\n",
        b"%t NO [AUTHENTICATIONFAILED] LOGIN failed, basic authentication is blocked\r\n",
        b"%t NO [AUTHENTICATIONFAILED] (#AUTH) Please log in via your web browser\r\n",
    ],
)
def test_a_server_that_wants_an_app_password_is_told_apart(
    tmp_path: Path, archive: Path, said: bytes
) -> None:
    with scripted({"LOGIN": said}) as (host, port):
        config = write_config(tmp_path / "c.toml", archive, At(host, port))
        ran = run_papertrail(config, "check")

    assert ran.status == 3
    assert "wants an app password" in ran.err
    assert "make an app password" in ran.err


def test_an_unknown_host_and_a_closed_port_are_told_apart(tmp_path: Path, archive: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    closed = write_config(tmp_path / "a.toml", archive, At("127.0.0.1", port))
    nowhere = write_config(
        tmp_path / "b.toml", archive, At("imap.nowhere.invalid", 993), security="tls"
    )

    ran = run_papertrail(closed, "check")
    assert (ran.status, "the connection was refused" in ran.err) == (3, True)
    ran = run_papertrail(nowhere, "check")
    assert (ran.status, "was found" in ran.err, "spelling" in ran.err) == (3, True, True)


def test_plain_where_tls_is_expected_is_said_before_the_password_is_sent(
    tmp_path: Path, archive: Path
) -> None:
    with scripted() as (host, port):
        config = write_config(tmp_path / "c.toml", archive, At(host, port), security="tls")
        ran = run_papertrail(config, "check")

    assert ran.status == 3
    assert "does not speak TLS there" in ran.err


def test_a_server_without_starttls_never_gets_the_password(tmp_path: Path, archive: Path) -> None:
    with scripted() as (host, port):
        config = write_config(tmp_path / "c.toml", archive, At(host, port), security="starttls")
        ran = run_papertrail(config, "check")

    assert ran.status == 3
    assert "offers no encryption" in ran.err
    assert "The password was not sent" in ran.err


def test_no_password_anywhere_names_every_way_to_give_one(tmp_path: Path, archive: Path) -> None:
    config = write_config(tmp_path / "c.toml", archive, At("127.0.0.1", 1))

    ran = run_papertrail(config, "check", PAPERTRAIL_PASSWORD="")

    assert ran.status == 2
    for way in ("PAPERTRAIL_PASSWORD", "password_command", "keyring set papertrail me"):
        assert way in ran.err


def test_the_configuration_s_mistakes_end_in_status_2(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("[archive]\npaht = 1\n")

    ran = run_papertrail(path, "pull")

    assert ran.status == 2
    assert "did you mean 'path'?" in ran.err
    assert run_papertrail(tmp_path / "none.toml", "pull").status == 2


def test_check_writes_nothing(serve_mail: Serve, tmp_path: Path, archive: Path) -> None:
    served = serve_mail({"INBOX": [letter(1), letter(2, "shop@store.example")], "Empty": []})
    config = write_config(tmp_path / "c.toml", archive, served)
    before = snapshot(tmp_path)

    ran = run_papertrail(config, "check", PAPERTRAIL_PASSWORD=served.password)

    assert ran.status == 0, ran.said
    row = next(line.split() for line in ran.out.splitlines() if line.split()[:1] == ["INBOX"])
    assert row == ["INBOX", "2", "1"]
    after = snapshot(tmp_path)
    assert {k: v for k, v in after.items() if not k.startswith("served")} == {
        k: v for k, v in before.items() if not k.startswith("served")
    }
    assert not archive.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_not_ours_is_said(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    config = write_config(tmp_path / "c.toml", locked / "archive", At("127.0.0.1", 1))

    ran = run_papertrail(config, "pull")

    assert ran.status == 3
    assert "cannot be written to" in ran.err


def test_an_archive_path_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    config = write_config(tmp_path / "c.toml", tmp_path / "taken", At("127.0.0.1", 1))

    ran = run_papertrail(config, "pull")

    assert ran.status == 3
    assert "cannot be written to" in ran.err
    assert (tmp_path / "taken").read_text() == "a file"


def test_a_full_disk_loses_nothing_and_the_next_run_goes_on(
    serve_mail: Serve, tmp_path: Path, archive: Path
) -> None:
    """The disk is full after some bytes: a limit on file size stands in for it (EFBIG)."""
    mail = [letter(n, body="words " * 3000) for n in range(6)]
    served = serve_mail({"INBOX": mail})
    config = write_config(tmp_path / "c.toml", archive, served)
    import resource
    import subprocess
    import sys

    def small_disk() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))

    done = subprocess.run(
        [sys.executable, "-m", "archiver.cli", "--config", str(config), "pull"],
        env={**os.environ, "PAPERTRAIL_PASSWORD": served.password},
        preexec_fn=small_disk,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "cannot be written to" in done.stderr
    assert "Traceback" not in done.stderr

    ran = run_papertrail(config, "pull", PAPERTRAIL_PASSWORD=served.password)

    assert ran.status == 0, ran.said
    assert originals(archive) == set(mail)
    assert run_papertrail(config, "verify").status == 0


def test_a_folder_that_the_server_refuses_does_not_keep_the_others_from_it(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    mailbox.deliver(letter(1))
    config = write_config(
        tmp_path / "c.toml",
        archive,
        dovecot,
        username=mailbox.username,
        folders=["INBOX", "Shcool"],
    )

    ran = run_papertrail(config, "pull")

    assert ran.status == 1
    assert "there is no folder 'Shcool' on the server" in ran.err
    assert originals(archive) == {letter(1)}
    assert "Shcool" in run_papertrail(config, "status").out


def test_commands_that_read_say_so_where_there_is_no_archive_yet(
    tmp_path: Path, archive: Path
) -> None:
    config = write_config(tmp_path / "c.toml", archive, At("127.0.0.1", 1))

    for command in (["timeline"], ["search", "bus"], ["status"], ["verify"], ["rebuild"]):
        ran = run_papertrail(config, *command)
        assert ran.status == 3, command
        assert "papertrail pull" in ran.err, command


def test_answers_nobody_asked_for_and_answers_that_do_not_come_are_no_message(
    tmp_path: Path, archive: Path
) -> None:
    """A FETCH answer for another UID is dropped; one that is missing is listed and tried again."""
    header = b"From: a@school.example\r\nMessage-ID: <1@x>\r\n\r\n"
    size = str(len(header)).encode()
    one = b'(UID %d RFC822.SIZE 9 INTERNALDATE "04-Mar-2026 09:00:00 +0000" BODY[HEADER] {'

    def head(uid: int) -> bytes:
        return b"* %d FETCH " % uid + one % uid + size + b"}\r\n" + header + b")\r\n"

    body = b"* 9 FETCH (UID 9 BODY[] {5}\r\nwrong)\r\n%t OK done\r\n"
    listing = b'* LIST () "/" INBOX\r\n%t OK done\r\n'
    examine = b"* 2 EXISTS\r\n* OK [UIDVALIDITY 5] x\r\n%t OK [READ-ONLY] done\r\n"
    search = b"* SEARCH 1 2\r\n%t OK done\r\n"
    script = {
        "LIST": listing,
        "EXAMINE": examine,
        "UID SEARCH": search,
        "UID FETCH 1,2 (RFC822.SIZE": head(1) + head(2) + b"%t OK done\r\n",
        "UID FETCH 1,2 (BODY.PEEK[])": body,
    }
    with scripted(script) as (host, port):
        config = write_config(tmp_path / "c.toml", archive, At(host, port))
        ran = run_papertrail(config, "pull")

    assert ran.status == 1, ran.said
    assert ran.err.count("did not give it") == 2
    assert originals(archive) == set()
    status = run_papertrail(config, "status")
    assert status.status == 1
    assert "could not be kept since" in status.out


def test_a_server_that_shows_no_folder_at_all_is_no_good_night(
    tmp_path: Path, archive: Path
) -> None:
    with scripted() as (host, port):
        config = write_config(tmp_path / "c.toml", archive, At(host, port))
        ran = run_papertrail(config, "pull")

    assert ran.status == 1
    assert "showed no folder" in ran.err


def test_a_server_that_hangs_up_says_so_and_the_run_ends_in_3(
    tmp_path: Path, archive: Path
) -> None:
    with scripted({"LIST": b"* BYE shutting down\r\n"}) as (host, port):
        config = write_config(tmp_path / "c.toml", archive, At(host, port))
        ran = run_papertrail(config, "pull")

    assert ran.status == 3
    assert "connection to the mail server was lost" in ran.err
