"""Pure: a timer of systemd's user instance."""

from __future__ import annotations

from pathlib import Path

from archiver.scheduling.model import MARK, Installation, Job


def systemd(job: Job, folder: Path) -> Installation:
    """Unit files for a folder, ``~/.config/systemd/user`` as a rule.

    Source: systemd.timer(5), systemd.service(5), systemd.time(7).
    """
    timer, service = folder / f"{job.name}.timer", folder / f"{job.name}.service"
    words = job.command
    if set(words[0]) & set("\"'\\"):
        words = ("/usr/bin/env", *words)  # systemd starts no program with such a name itself
    # ":" in front: no $VARIABLE in an argument is looked up.
    command = ":" + " ".join(quoted(word) for word in words)
    said = f"# {MARK}\n# {job.why}\n"
    service_text = f"""{said}[Unit]
Description=Paper Trail: the nightly job

[Service]
Type=oneshot
ExecStart={command}
# 1: done, with something that a person should look at.
SuccessExitStatus=1
Nice=10
TimeoutStartSec=24h
"""
    timer_text = f"""{said}[Unit]
Description=Paper Trail: every night

[Timer]
OnCalendar=*-*-* {job.at:%H:%M}:00 {job.zone}
# A night that failed is tried again; the job knows whether it is due.
OnCalendar=*-*-* *:{job.at:%M}:00
# A night for which the computer was off is made up for.
Persistent=true

[Install]
WantedBy=timers.target
"""
    return Installation(
        "systemd",
        ((service, service_text.encode()), (timer, timer_text.encode())),
        (
            ("systemctl", "--user", "daemon-reload"),
            ("systemctl", "--user", "enable", "--now", timer.name),
        ),
        (("systemctl", "--user", "disable", "--now", timer.name),),
        (("systemctl", "--user", "daemon-reload"),),
        (
            "It runs while you are logged in, and makes up for missed nights at your next log-in. "
            "`loginctl enable-linger` lets it run without that.",
        ),
    )


def quoted(word: str) -> str:
    """A word of ExecStart as systemd reads it back: C escapes, and %% for a percent sign."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'
