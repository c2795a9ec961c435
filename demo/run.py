"""The demo: a year of a sample family's mail, archived and read on this computer alone.

``python -m demo`` serves ``demo/mail`` with a mail server of its own, points the real command
line at it, and shows what comes out. Everything it writes is in ``demo-output``.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from string import Template

from demo.server import Server, serve

HERE = Path(__file__).resolve().parent
DONE_WITH_ATTENTION = 1  # the command did its work, and has items that a person should look at
LINES_SHOWN = 15


def main(output: Path | None = None) -> int:
    """Run the demo from a clean start.

    Args:
        output: the folder to write; ``demo-output`` in the current folder if None.

    Returns:
        0, or the exit status of the first command that could not do its work.
    """
    output = (output or Path("demo-output")).absolute()
    command = find_command()
    if command is None:
        print("The papertrail command is not installed here: pip install -e .", file=sys.stderr)
        return 3
    if not make_clean(output):
        print(f"{output} holds something else; move it away first.", file=sys.stderr)
        return 2

    started = time.monotonic()
    config = output / "papertrail.toml"
    with serve(HERE / "mail") as server:
        config.write_text(configuration(server, output / "archive"), "utf-8")
        count = len(list((HERE / "mail").rglob("*.eml")))
        say(f"Reading the Tessler family's mailbox: {count} invented messages of one school year,")
        print("from a mail server on this computer. Nothing in the mailbox is changed.", flush=True)
        run = Papertrail(command, config, server.password)
        worst = run.show("run")
    if worst > DONE_WITH_ATTENTION:
        return worst

    say("What the mail says happened, the first lines of it:")
    worst = max(worst, run.show("timeline", "--format", "table", lines=LINES_SHOWN))
    say("What is kept, and how much of what:")
    worst = max(worst, run.show("status"))
    report = output / "chronology.html"
    worst = max(worst, run.show("report", "chronology", "-o", str(report)))
    if worst > DONE_WITH_ATTENTION:
        return worst
    print(
        f"\nThat took {time.monotonic() - started:.0f} seconds. The archive: {output / 'archive'}"
    )
    print("Open the whole chronology in a browser:")
    print(report)
    # "Done, with items to look at" is how a healthy archive of real mail ends, and no failure.
    return 0


def say(text: str) -> None:
    """Print a line that opens a new step, before the output of the command that follows."""
    print(f"\n{text}", flush=True)


def find_command() -> str | None:
    """The papertrail command beside this Python, else the one on the PATH."""
    beside = str(Path(sys.executable).parent)
    return shutil.which("papertrail", path=beside) or shutil.which("papertrail")


def make_clean(output: Path) -> bool:
    """Make ``output`` an empty folder; False, and nothing done, if it is not the demo's own."""
    if output.exists():
        ours = output.is_dir() and (
            (output / "papertrail.toml").exists() or not any(output.iterdir())
        )
        if not ours:
            return False
        # Originals are stored read-only, and Windows will not delete such files.
        for path in (output, *output.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | stat.S_IWUSR)
        shutil.rmtree(output)
    output.mkdir(parents=True)
    return True


def configuration(server: Server, archive: Path) -> str:
    """The sample family's configuration for this server and archive, as TOML."""
    template = Template((HERE / "demo.toml").read_text("utf-8"))
    # A JSON string is a TOML string, backslashes of Windows paths included.
    return template.substitute(
        archive=json.dumps(str(archive), ensure_ascii=False),
        host=json.dumps(server.host),
        port=server.port,
        username=json.dumps(server.username),
    )


class Papertrail:
    """The installed command, with the demo's configuration."""

    def __init__(self, command: str, config: Path, password: str) -> None:
        self._start = [command, "--config", str(config)]
        width = shutil.get_terminal_size((100, 24)).columns
        self._environment = {
            **os.environ,
            "PAPERTRAIL_PASSWORD": password,
            "PYTHONUTF8": "1",
            "COLUMNS": str(width),
        }

    def show(self, *arguments: str, lines: int | None = None) -> int:
        """Run one command, print what it prints (at most ``lines`` lines), return its status."""
        done = subprocess.run(
            [*self._start, *arguments],
            env=self._environment,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        printed = done.stdout.rstrip("\n").split("\n") if done.stdout.strip() else []
        for line in printed[:lines]:
            print(line)
        if lines is not None and len(printed) > lines:
            print(f"… and {len(printed) - lines} more lines")
        sys.stdout.flush()
        return done.returncode
