"""A private Dovecot on loopback, stopped by its own pid; nothing outside its folder is touched.

It needs no root; as root it reads the mail as ``nobody``. What it serves is what lies in the file,
byte for byte, with two exceptions of its own (2.3.19): a lone LF comes as CRLF, and NUL as 0x80.
"""

from __future__ import annotations

import grp
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal

from imapclient import imap_utf7

from tests.servers.certificates import Authority

PASSWORD = "correct-horse"

START_TIMEOUT_S = 20.0
_delivered = itertools.count()

Certificate = Literal["valid", "expired", "wrong-host"]


def dovecot_program() -> str | None:
    """Where Dovecot is, or None."""
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@dataclass(frozen=True)
class Mailbox:
    """One user's mail, as files."""

    username: str
    password: str
    maildir: Path
    owner: tuple[int, int]

    def folder(self, name: str = "INBOX") -> Path:
        """Where a folder lies: its name as Dovecot spells it on disk, "A.B" for B within A."""
        return self.maildir if name == "INBOX" else self.maildir / f".{name}"

    def add_folder(self, name: str) -> Path:
        """Make an empty folder, unless it is there."""
        box = self.folder(name)
        if not (box / "cur").is_dir():
            for part in ("cur", "new", "tmp"):
                (box / part).mkdir(parents=True, exist_ok=True)
            if name != "INBOX":
                (box / "maildirfolder").touch()
            self._give(box, *box.iterdir())
        return box

    def deliver(
        self,
        raw: bytes,
        folder: str = "INBOX",
        *,
        received: datetime | None = None,
        flags: str | None = "S",
    ) -> Path:
        """Put a message into a folder; it gets the next UID there.

        Args:
            raw: the file's bytes.
            folder: its name as Dovecot spells it on disk; made if it is not there.
            received: INTERNALDATE, now if not given.
            flags: Maildir letters in order ("FRS"); None: unseen and recent, in new/.
        """
        box = self.add_folder(folder)
        at = received.timestamp() if received else time.time()
        # Dovecot gives UIDs in order of names: the count keeps the order of delivery, and no
        # name comes twice, not even after a message was removed.
        name = f"{1_700_000_000 + next(_delivered)}.test"
        path = box / "new" / name if flags is None else box / "cur" / f"{name}:2,{flags}"
        draft = box / "tmp" / name
        draft.write_bytes(raw)
        os.utime(draft, (at, at))
        self._give(draft)
        draft.rename(path)  # a server that is looking sees all of it or nothing
        return path

    def fill(
        self,
        mail: dict[str, list[bytes]],
        received_at: Callable[[bytes], datetime | None] = lambda _: None,
    ) -> None:
        """Deliver messages by folder; names as a person reads them, "A/B" for B within A."""
        for name, messages in mail.items():
            on_disk = imap_utf7.encode(name).decode("ascii").replace("/", ".")
            self.add_folder(on_disk)
            for raw in messages:
                self.deliver(raw, on_disk, received=received_at(raw))

    def load(self, mail_folder: Path, received_at: Callable[[bytes], datetime | None]) -> None:
        """Deliver FOLDER/*.eml in order of names."""
        self.fill(
            {
                folder.name: [path.read_bytes() for path in sorted(folder.glob("*.eml"))]
                for folder in sorted(mail_folder.iterdir())
            },
            received_at,
        )

    def own(self) -> None:
        """Give the files to the user that Dovecot reads them as."""
        if os.geteuid() == 0:
            self._give(self.maildir, *self.maildir.rglob("*"))

    def _give(self, *paths: Path) -> None:
        if os.geteuid() == 0:
            for path in paths:
                os.chown(path, *self.owner)

    def state(self) -> list[str]:
        """Every message file with its flags and whether it is still recent (in new/)."""
        files = [p for p in self.maildir.rglob("*") if p.parent.name in {"cur", "new"}]
        return sorted(str(p.relative_to(self.maildir)) for p in files)


class Dovecot:
    """Dovecot in the foreground on three ports: plain, STARTTLS on the same one, and TLS."""

    def __init__(
        self, base: Path, *, certificate: Certificate = "valid", introspection: str = ""
    ) -> None:
        self.base = base
        self._introspection = introspection  # where an authorization server tells of tokens
        base.mkdir(parents=True, exist_ok=True)
        base.chmod(0o755)
        self.authority = Authority(base / "ca")
        self._certificate = self.authority.issue(
            certificate,
            host="imap.elsewhere.example" if certificate == "wrong-host" else "localhost",
            days=-1 if certificate == "expired" else 30,
        )
        self.host = "127.0.0.1"
        self.port = self.tls_port = 0  # known once it runs
        root = os.geteuid() == 0
        self._user = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Dovecot:
        (self.base / "users").write_text("")
        if self._introspection:
            (self.base / "oauth2.conf").write_text(_OAUTH2.format(url=self._introspection))
        for name in ("run", "state", "mail", "home"):
            folder = self.base / name
            folder.mkdir(exist_ok=True)
            if os.geteuid() == 0 and name in {"mail", "home"}:
                os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        for _ in range(5):  # somebody else may take a port between our finding and using it
            self.port, self.tls_port = _free_ports(2)
            (self.base / "dovecot.conf").write_text(self._config())
            self._process = self._start()
            if self._answers():
                return self
            self._stop()
            said = self._said()
            if "Address already in use" not in said:
                break
        raise RuntimeError(f"Dovecot did not start: {said}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def _start(self) -> subprocess.Popen[bytes]:
        program = dovecot_program()
        if program is None:
            raise RuntimeError("Dovecot is not installed (apt install dovecot-imapd)")
        command = [program, "-F", "-c", str(self.base / "dovecot.conf")]
        if setpriv := shutil.which("setpriv"):  # end with the tests, even if those are killed
            command = [setpriv, "--pdeathsig", "TERM", *command]
        with (self.base / "dovecot.out").open("wb") as out:
            return subprocess.Popen(
                command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )

    def _stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def mailbox(self, username: str) -> Mailbox:
        """A new user with an empty mailbox."""
        maildir = self.base / "mail" / username
        for part in ("cur", "new", "tmp"):
            (maildir / part).mkdir(parents=True)
        box = Mailbox(username, PASSWORD, maildir, (self._user.pw_uid, self._user.pw_gid))
        box.own()
        return box

    def _answers(self) -> bool:
        """Wait for its greeting; False if it ends before or takes too long."""
        assert self._process is not None
        until = time.monotonic() + START_TIMEOUT_S
        while self._process.poll() is None and time.monotonic() < until:
            try:
                with socket.create_connection((self.host, self.port), 1) as probe:
                    probe.settimeout(2)
                    if probe.recv(4).startswith(b"* OK"):
                        return True
            except OSError:
                time.sleep(0.02)
        return False

    def _said(self) -> str:
        files = (self.base / "dovecot.out", self.base / "dovecot.log")
        return "\n".join(path.read_text(errors="replace") for path in files if path.exists())

    def _config(self) -> str:
        users = _WITH_ROOT
        if os.geteuid() != 0:
            group = grp.getgrgid(self._user.pw_gid).gr_name
            users = _WITHOUT_ROOT.format(user=self._user.pw_name, group=group)
        cert, key = self._certificate
        return f"""
protocols = imap
base_dir = {self.base}/run
state_dir = {self.base}/state
log_path = {self.base}/dovecot.log
listen = 127.0.0.1
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login{" xoauth2 oauthbearer" if self._introspection else ""}
# A wrong password would otherwise slow every later login from this machine down by seconds.
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:{self.base}/mail/%u
mail_fsync = never
mail_max_userip_connections = 60
{_OAUTH2_PASSDB.format(base=self.base) if self._introspection else ""}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={self._user.pw_uid} gid={self._user.pw_gid} home={self.base}/home/%u
}}
namespace inbox {{
  inbox = yes
  mailbox Trash {{
    special_use = \\Trash
  }}
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = {self.tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
{users}
"""


_OAUTH2_PASSDB = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/oauth2.conf
}}
"""
_OAUTH2 = """
introspection_mode = post
introspection_url = {url}
username_attribute = email
active_attribute = active
active_value = true
"""
_WITH_ROOT = """
default_internal_user = dovecot
default_login_user = dovenull
"""
_WITHOUT_ROOT = """
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
service stats {{
  chroot =
}}
service imap-urlauth-login {{
  chroot =
}}
"""


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports
