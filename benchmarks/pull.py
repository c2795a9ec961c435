"""`papertrail pull` beside mbsync and a bare IMAPClient loop: the same mail, the same server.

    python -m benchmarks.pull [--messages 2000] [--rounds 5]

Everyone pulls in turn, round after round, into a new folder and then once more with nothing new.
The table shows medians. Trust CPU over wall on a busy machine, and ratios over both.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.measure import Cost, measure, medians
from tests.servers.dovecot import PASSWORD, Dovecot, Mailbox
from tests.servers.proxy import Proxy

ROOT = Path(__file__).resolve().parents[1]
KIT = ROOT.parent / "shared" / "bench" / "kit"
SCHOOL = ["lakeview-usd.k12.example.org"]  # of the mail that the kit makes

EVERYTHING, SCHOOL_ONLY = "papertrail, all mail", "papertrail, school"
MBSYNC, IMAPCLIENT = "mbsync, FSync yes", "imapclient-nodbg"
HELP_CPU_S, NOTHING_NEW_WALL_S = 0.25, 1.5
WALL_OF_MBSYNC, CPU_OF_IMAPCLIENT = 0.5, 1.5


@dataclass(frozen=True, slots=True)
class Contender:
    """A program that pulls a mailbox into a folder."""

    name: str
    prepare: Callable[[Path], Sequence[str]]  # a new folder → the command
    messages: Callable[[Path], int]  # the folder afterwards → how many it kept


@dataclass(frozen=True, slots=True)
class Bound:
    """What was found, and how much it may be."""

    what: str
    found: float
    limit: float

    @property
    def kept(self) -> bool:
        return self.found <= self.limit


def papertrail(name: str, host: str, port: int, user: str, domains: Sequence[str]) -> Contender:
    def prepare(folder: Path) -> Sequence[str]:
        config = folder / "config.toml"
        config.write_text(
            f'[archive]\npath = "{folder}/archive"\ntimezone = "America/Phoenix"\n'
            '[child]\nnames = ["Jonas"]\n'
            f'[[account]]\nname = "bench"\nhost = "{host}"\nport = {port}\nsecurity = "none"\n'
            f'username = "{user}"\npassword_env = "PAPERTRAIL_PASSWORD"\nexclude_folders = []\n'
            f"[correspondence]\ndomains = {json.dumps(list(domains))}\n",
            encoding="utf-8",
        )
        return [*program(), "--config", str(config), "pull"]

    def messages(folder: Path) -> int:
        journal = (folder / "archive" / "journal.jsonl").read_text(encoding="utf-8")
        return sum(json.loads(line)["kind"] == "received" for line in journal.splitlines())

    return Contender(name, prepare, messages)


def program() -> list[str]:
    """How a user of this environment starts the program."""
    script = Path(sys.executable).with_name("papertrail")
    return [str(script)] if script.exists() else [sys.executable, "-m", "archiver.cli"]


def mbsync(host: str, port: int, user: str) -> Contender:
    def prepare(folder: Path) -> Sequence[str]:
        (folder / "mail").mkdir()
        config = folder / "mbsyncrc"
        config.write_text(
            f"FSync yes\nIMAPAccount b\nHost {host}\nPort {port}\nUser {user}\nPass {PASSWORD}\n"
            "SSLType None\nAuthMechs LOGIN\n\nIMAPStore far\nAccount b\n\n"
            f"MaildirStore near\nPath {folder}/mail/\nInbox {folder}/mail/INBOX\n"
            "SubFolders Verbatim\n\nChannel c\nFar :far:\nNear :near:\nPatterns *\n"
            "Create Near\nSync Pull\nExpunge None\nSyncState *\n",
            encoding="utf-8",
        )
        config.chmod(0o600)
        return ["mbsync", "-c", str(config), "-a", "-q"]

    def messages(folder: Path) -> int:
        return sum(1 for path in (folder / "mail").rglob("*") if path.parent.name in {"cur", "new"})

    return Contender(MBSYNC, prepare, messages)


def imapclient_loop(host: str, port: int, user: str) -> Contender:
    loop = [sys.executable, str(KIT / "pull_imapclient.py"), "batch-nodebug", host, str(port)]
    return Contender(
        IMAPCLIENT,
        lambda folder: [*loop, user, PASSWORD, str(folder)],
        lambda folder: len((folder / "index.txt").read_text(encoding="utf-8").splitlines()),
    )


def generated_mail(messages: int, folder: Path | None) -> Path:
    """The Maildir++ tree of that many messages; made with the kit unless it is there."""
    mail = folder or Path(tempfile.gettempdir()) / f"papertrail-bench-{messages}" / "mail"
    if not (mail / "cur").is_dir():
        print(f"Making {messages} messages in {mail} ...", file=sys.stderr)
        mail.parent.mkdir(parents=True, exist_ok=True)
        making = [sys.executable, str(KIT / "mkmail.py"), "--n", str(messages), "--out", str(mail)]
        subprocess.run(making, check=True, stdout=subprocess.DEVNULL)
    return mail


def serve_copy(dovecot: Dovecot, mail: Path) -> Mailbox:
    """A mailbox of its own with a copy of the mail: the server writes its indexes beside it."""
    mailbox = dovecot.mailbox("bench")
    shutil.copytree(mail, mailbox.maildir, dirs_exist_ok=True)
    mailbox.own()
    return mailbox


def compete(
    contenders: Sequence[Contender], rounds: int, work: Path
) -> tuple[dict[str, Cost], dict[str, Cost], dict[str, int]]:
    """Costs of the first pull, of one with nothing new, and how many messages were kept."""
    first: dict[str, list[Cost]] = {c.name: [] for c in contenders}
    again: dict[str, list[Cost]] = {c.name: [] for c in contenders}
    kept: dict[str, int] = {}
    for number in range(rounds + 1):  # the round 0 fills the server's caches and does not count
        for contender in contenders:
            # Nothing is deleted before the end: ext4 passes over inodes that were freed in the
            # last seconds, so who comes after a deletion pays for it, more the more files it makes.
            folder = work / f"{contender.name.replace(' ', '-').replace(',', '')}-{number}"
            folder.mkdir()
            os.sync()
            command = contender.prepare(folder)
            log = work / f"{contender.name}.log"
            costs = measure(command, log), measure(command, log)
            kept[contender.name] = contender.messages(folder)
            if number:
                first[contender.name].append(costs[0])
                again[contender.name].append(costs[1])
        print(f"round {number} of {rounds}", file=sys.stderr)
    return (
        {name: medians(costs) for name, costs in first.items()},
        {name: medians(costs) for name, costs in again.items()},
        kept,
    )


def bounds(first: dict[str, Cost], again: dict[str, Cost], help_cost: Cost) -> list[Bound]:
    """What the program promises to stay under, for all mail: then it does the peers' work."""
    ours = first[EVERYTHING]
    promised = [
        Bound(
            f"first pull, CPU, times {IMAPCLIENT}",
            ours.cpu_s / first[IMAPCLIENT].cpu_s,
            CPU_OF_IMAPCLIENT,
        ),
        Bound("nothing new, wall s", again[EVERYTHING].wall_s, NOTHING_NEW_WALL_S),
        Bound("--help, CPU s", help_cost.cpu_s, HELP_CPU_S),
    ]
    if MBSYNC in first:
        ratio = ours.wall_s / first[MBSYNC].wall_s
        promised.insert(0, Bound(f"first pull, wall, times {MBSYNC}", ratio, WALL_OF_MBSYNC))
    return promised


def table(first: dict[str, Cost], again: dict[str, Cost], kept: dict[str, int]) -> str:
    """The costs as a Markdown table."""
    rows = [
        "| pull | messages | first: wall s | CPU s | of it system | RSS MB "
        "| nothing new: wall s | CPU s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, cost in first.items():
        rss = "" if cost.rss_mb is None else f"{cost.rss_mb:.0f}"
        noop = again[name]
        rows.append(
            f"| {name} | {kept[name]} | {cost.wall_s:.2f} | {cost.cpu_s:.2f} "
            f"| {cost.system_s:.2f} | {rss} "
            f"| {noop.wall_s:.2f} | {noop.cpu_s:.2f} |"
        )
    return "\n".join(rows)


def bounds_table(promised: Sequence[Bound]) -> str:
    """Each bound beside what was found, as a Markdown table."""
    rows = ["| what | found | bound | |", "|---|---:|---:|---|"]
    for bound in promised:
        verdict = "kept" if bound.kept else "**missed**"
        rows.append(f"| {bound.what} | {bound.found:.2f} | {bound.limit:g} | {verdict} |")
    return "\n".join(rows)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pull", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mail", type=Path, help="a Maildir++ tree made before")
    parser.add_argument("--delay-ms", type=int, default=0, help="of each round trip, by a proxy")
    parser.add_argument("--json", type=Path, help="write all figures here too")
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    if not KIT.is_dir():
        print(f"The benchmark kit is not beside this checkout ({KIT}).", file=sys.stderr)
        return 2
    mail = generated_mail(asked.messages, asked.mail)
    os.environ["PAPERTRAIL_PASSWORD"] = PASSWORD
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="papertrail-bench-")))
        work.chmod(0o755)  # the server reads its mail in there as another user
        for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            os.environ[name] = str(work / "home")
        dovecot = stack.enter_context(Dovecot(work / "server"))
        mailbox = serve_copy(dovecot, mail)
        host, port, user = dovecot.host, dovecot.port, mailbox.username
        if asked.delay_ms:
            proxy = Proxy(host, port, delay_s=asked.delay_ms / 1000)
            port = stack.enter_context(proxy).port
        contenders = [
            imapclient_loop(host, port, user),
            papertrail(EVERYTHING, host, port, user, ["*"]),
            papertrail(SCHOOL_ONLY, host, port, user, SCHOOL),
        ]
        if shutil.which("mbsync"):
            contenders.insert(0, mbsync(host, port, user))
        try:
            first, again, kept = compete(contenders, asked.rounds, work)
        except RuntimeError as error:
            print(error, file=sys.stderr)
            for log in work.glob("*.log"):
                sys.stderr.write(log.read_text(errors="replace")[-1500:])
            return 3
        helping = [*program(), "--help"]
        help_cost = medians([measure(helping, work / "help.log") for _ in range(7)])
    promised = bounds(first, again, help_cost)
    print(table(first, again, kept), bounds_table(promised), sep="\n\n")
    if asked.json:
        figures = {
            "first": {name: asdict(cost) for name, cost in first.items()},
            "nothing_new": {name: asdict(cost) for name, cost in again.items()},
            "help": asdict(help_cost),
            "messages": kept,
            "rounds": asked.rounds,
            "delay_ms": asked.delay_ms,
        }
        asked.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    whole = kept[EVERYTHING] == kept[IMAPCLIENT]
    if not whole:
        print("papertrail did not keep every message that the others did", file=sys.stderr)
    return 0 if whole and all(bound.kept for bound in promised) else 1


if __name__ == "__main__":
    sys.exit(main())
