"""Pure: a task of the Windows Task Scheduler."""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

from archiver.scheduling.model import MARK, Installation, Job

_NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"


def windows(job: Job, folder: Path) -> Installation:
    """A task's XML, kept in a folder of ours, and the commands that register it.

    It runs as the user who is logged in, so that no password is stored, hourly from the first
    minute of the nights on, and after a start that was missed.

    Source: Task Scheduler Schema (task 1.4); schtasks reads UTF-16.
    """
    path, task = folder / f"{job.name}.xml", job.name
    root = ET.Element("Task", {"version": "1.4", "xmlns": _NAMESPACE})
    about = ET.SubElement(root, "RegistrationInfo")
    ET.SubElement(about, "Description").text = f"{MARK} {job.why}"
    triggers = ET.SubElement(root, "Triggers")
    hourly = ET.SubElement(triggers, "CalendarTrigger")
    again = ET.SubElement(hourly, "Repetition")
    ET.SubElement(again, "Interval").text = "PT1H"
    ET.SubElement(again, "Duration").text = "P1D"
    ET.SubElement(hourly, "StartBoundary").text = f"2026-01-01T00:{job.at:%M}:00"
    ET.SubElement(ET.SubElement(hourly, "ScheduleByDay"), "DaysInterval").text = "1"
    ET.SubElement(ET.SubElement(triggers, "LogonTrigger"), "Delay").text = "PT2M"
    principal = ET.SubElement(ET.SubElement(root, "Principals"), "Principal", {"id": "Author"})
    ET.SubElement(principal, "LogonType").text = "InteractiveToken"
    ET.SubElement(principal, "RunLevel").text = "LeastPrivilege"
    settings = ET.SubElement(root, "Settings")
    for key, value in (
        ("MultipleInstancesPolicy", "IgnoreNew"),
        ("DisallowStartIfOnBatteries", "false"),
        ("StopIfGoingOnBatteries", "false"),
        ("StartWhenAvailable", "true"),
        ("Hidden", "true"),
        ("ExecutionTimeLimit", "P1D"),
        ("Priority", "8"),
    ):
        ET.SubElement(settings, key).text = value
    execute = ET.SubElement(ET.SubElement(root, "Actions", {"Context": "Author"}), "Exec")
    ET.SubElement(execute, "Command").text = job.command[0]
    ET.SubElement(execute, "Arguments").text = subprocess.list2cmdline(job.command[1:])
    ET.indent(root)
    return Installation(
        "the Windows Task Scheduler",
        ((path, ET.tostring(root, "utf-16", xml_declaration=True)),),
        (("schtasks", "/Create", "/TN", task, "/XML", str(path), "/F"),),
        (("schtasks", "/Delete", "/TN", task, "/F"),),
    )
