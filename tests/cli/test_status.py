"""`papertrail status` tells the truth about the nights."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archiver.health import read_health, write_health
from tests.cli.conftest import letter, run_papertrail, write_config
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.smtp import MailServer


def days_ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")


def test_nights_behind_what_failed_since_when_and_what_to_do(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    mailbox.deliver(letter(1))
    config = write_config(tmp_path / "c.toml", archive, dovecot, username=mailbox.username)
    assert run_papertrail(config, "run").status == 0
    good = run_papertrail(config, "status", "--monitor")
    assert (good.status, good.out.startswith("OK: every account was looked at")) == (0, True)

    assert run_papertrail(config, "run", PAPERTRAIL_PASSWORD="wrong-one").status == 3
    failed = run_papertrail(config, "status")
    assert failed.status == 1
    assert "did not accept the user name" in failed.out
    assert "Since " in failed.out
    assert "app password" in failed.out
    assert "wrong-one" not in failed.said
    monitor = run_papertrail(config, "status", "--monitor", "--format", "jsonl")
    facts = json.loads(monitor.out)
    assert (monitor.status, facts["ok"], facts["accounts"][0]["fault"]) == (
        1,
        False,
        "WrongPasswordError",
    )
    assert facts["accounts"][0]["nights_behind"] == 0

    assert run_papertrail(config, "run").status == 0
    assert run_papertrail(config, "status").status == 0
    facts = json.loads(run_papertrail(config, "status", "--format", "jsonl").out)
    assert facts["accounts"][0]["problem"] is None
    assert facts["daemon"] is None


def test_a_job_that_nobody_starts_is_said(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    config = write_config(tmp_path / "c.toml", archive, dovecot, username=mailbox.username)
    assert run_papertrail(config, "run").status == 0
    health = read_health(archive)
    assert health is not None
    old = days_ago(5)
    write_health(archive, replace(health, last_good={"family": old}, last_run=old))

    said = run_papertrail(config, "status", "--monitor")

    assert said.status == 1
    # Nights begin at moments that differ by day: five days may be one night more or less.
    assert re.search("is [456] nights behind: nothing has run the nightly job", said.out)


def test_a_failing_job_mails_once_and_never_a_secret_an_address_or_a_word_of_the_mail(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    mailbox.deliver(letter(1, body="Our SECRETPLAN is to move Maya."))
    with MailServer("none") as server:
        config = write_config(tmp_path / "c.toml", archive, dovecot, username=mailbox.username)
        with config.open("a") as file:
            file.write(
                '[alarm]\nafter_nights = 1\nmail_to = "gran@mail.example"\n'
                f'smtp_host = "127.0.0.1"\nsmtp_port = {server.port}\nsmtp_security = "none"\n'
            )
        assert run_papertrail(config, "run").status == 0
        for _ in range(2):
            ran = run_papertrail(config, "run", PAPERTRAIL_PASSWORD="wrong-one")
            assert ran.status == 3
        assert run_papertrail(config, "run").status == 0
        trial = run_papertrail(config, "status", "--try-alarm")
        assert trial.status == 0, trial.said
        assert "E-mail to gran@mail.example: given." in trial.out

    subjects = [message["Subject"] for message in server.received]
    assert subjects == [
        "Paper Trail: no mail fetched for one night",
        "Paper Trail works again",
        "Paper Trail: a trial of the alarm",
    ]
    for message in server.received:
        for word in ("wrong-one", "SECRETPLAN", "school.example", mailbox.username, "correct-"):
            assert word not in message.as_string()
