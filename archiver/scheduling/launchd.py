"""Pure: a launch agent of macOS."""

from __future__ import annotations

import plistlib
from pathlib import Path

from archiver.scheduling.model import MARK, Installation, Job


def launchd(job: Job, folder: Path, uid: int) -> Installation:
    """A property list for a folder, ``~/Library/LaunchAgents`` as a rule.

    A start that falls into sleep is made up for on waking; ``RunAtLoad`` makes up for the computer
    having been off.

    Source: launchd.plist(5), launchctl(1).
    """
    path = folder / f"{job.name}.plist"
    content = {
        "Label": job.name,
        "Comment": f"{MARK} {job.why}",
        "ProgramArguments": list(job.command),
        "StartCalendarInterval": {"Minute": job.at.minute},
        "RunAtLoad": True,
        "ProcessType": "Background",
        "StandardOutPath": "/dev/null",
        "StandardErrorPath": "/dev/null",
    }
    return Installation(
        "launchd",
        ((path, plistlib.dumps(content)),),
        (("launchctl", "bootstrap", f"gui/{uid}", str(path)),),
        (("launchctl", "bootout", f"gui/{uid}/{job.name}"),),
    )
