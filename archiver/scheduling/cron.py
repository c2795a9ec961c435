"""Pure: a line of the user's crontab, where there is nothing better."""

from __future__ import annotations

import shlex

from archiver.scheduling.model import MARK, Job

NOTE = (
    "cron starts the job outside your desktop: the system's keyring may not be reachable from "
    "there. If `papertrail status` says that no password was found, use password_command."
)


def cron_lines(job: Job) -> list[str]:
    """What stands in the crontab for a job: a line that says whose it is, and the job's.

    Source: crontab(5): a percent sign ends the command unless it is escaped.
    """
    command = " ".join(shlex.quote(word) for word in job.command).replace("%", "\\%")
    return [f"# {MARK} {job.why} ({job.name})",
            f"{job.at.minute} * * * * {command} >/dev/null 2>&1"]  # fmt: skip


def with_job(crontab: str, job: Job) -> str:
    """A crontab with the job in it once; every other line as it was."""
    if "".join(f"{line}\n" for line in cron_lines(job)) in crontab:
        return crontab
    others = without_job(crontab, job)
    gap = "" if not others or others.endswith("\n") else "\n"
    return others + gap + "".join(f"{line}\n" for line in cron_lines(job))


def without_job(crontab: str, job: Job) -> str:
    """A crontab without the job; every other line as it was, byte for byte."""
    kept, skip = [], False
    for line in crontab.splitlines(keepends=True):
        if skip:
            skip = False
            if " * * * * " in line:
                continue
        if line.startswith(f"# {MARK}") and line.rstrip().endswith(f"({job.name})"):
            skip = True
            continue
        kept.append(line)
    return "".join(kept)


def has_job(crontab: str, job: Job) -> bool:
    """Whether the job is in a crontab."""
    return without_job(crontab, job) != crontab
