"""A private Dovecot on loopback, stopped by its own pid; nothing outside its folder is touched."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

from tests.servers.certificates import Authority

PASSWORD = "correct horse"


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
        """The Maildir++ folder of a name as Dovecot spells it on disk."""
        return self.maildir if name == "INBOX" else self.maildir / f".{name}"

    def deliver(
        self,
        raw: bytes,
        folder: str = "INBOX",
        *,
        received: datetime | None = None,
        flags: str | None = "S",
    ) -> Path:
        """Put a message into a folder; ``flags`` None: unseen and recent, in new/."""
        box = self.folder(folder)
        for part in ("cur", "new", "tmp"):
            (box / part).mkdir(parents=True, exist_ok=True)
        if folder != "INBOX":
            (box / "maildirfolder").touch()
        number = sum(1 for _ in box.glob("*/*"))
        at = received.timestamp() if received else time.time()
        name = f"{int(at)}.M{number:06}.test"
        path = box / "new" / name if flags is None else box / "cur" / f"{name}:2,{flags}"
        path.write_bytes(raw)
        os.utime(path, (at, at))
        self.own()
        return path

    def own(self) -> None:
        """Give the files to the user that Dovecot reads them as."""
        if os.geteuid() == 0:
            for path in (self.maildir, *self.maildir.rglob("*")):
                os.chown(path, *self.owner)

    def state(self) -> list[str]:
        """Every message file with its flags and whether it is still recent (in new/)."""
        files = [p for p in self.maildir.rglob("*") if p.parent.name in {"cur", "new"}]
        return sorted(str(p.relative_to(self.maildir)) for p in files)


class Dovecot:
    """Dovecot in the foreground on three ports: plain, STARTTLS on the same one, and TLS."""

    def __init__(self, base: Path, *, certificate: tuple[Path, Path] | None = None) -> None:
        self.base = base
        base.mkdir(parents=True, exist_ok=True)
        base.chmod(0o755)
        self.authority = Authority(base / "ca")
        self._certificate = certificate or self.authority.issue("server")
        self.host = "127.0.0.1"
        self.port, self.tls_port = _free_port(), _free_port()
        root = os.geteuid() == 0
        self._user = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Dovecot:
        (self.base / "users").write_text("")
        config = self.base / "dovecot.conf"
        config.write_text(self._config())
        for name in ("run", "state", "mail", "home"):
            folder = self.base / name
            folder.mkdir(exist_ok=True)
            if os.geteuid() == 0 and name in {"mail", "home"}:
                os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        program = dovecot_program()
        assert program is not None
        self._process = subprocess.Popen(
            [program, "-F", "-c", str(config)],
            stdout=(self.base / "dovecot.out").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def mailbox(self, username: str) -> Mailbox:
        """A new user with an empty mailbox."""
        with (self.base / "users").open("a") as users:
            users.write(f"{username}:{{PLAIN}}{PASSWORD}\n")
        maildir = self.base / "mail" / username
        for part in ("cur", "new", "tmp"):
            (maildir / part).mkdir(parents=True)
        box = Mailbox(username, PASSWORD, maildir, (self._user.pw_uid, self._user.pw_gid))
        box.own()
        return box

    def _wait(self) -> None:
        assert self._process is not None
        for _ in range(200):
            if self._process.poll() is not None:
                break
            try:
                with socket.create_connection((self.host, self.port), 1) as probe:
                    probe.settimeout(2)
                    if probe.recv(4).startswith(b"* OK"):
                        return
            except OSError:
                time.sleep(0.05)
        said = (self.base / "dovecot.out").read_text(errors="replace")
        log = self.base / "dovecot.log"
        raise RuntimeError(
            f"Dovecot did not start: {said} {log.read_text() if log.exists() else ''}"
        )

    def _config(self) -> str:
        user = self._user.pw_name
        login = "dovenull" if os.geteuid() == 0 else user
        internal = "dovecot" if os.geteuid() == 0 else user
        services = "" if os.geteuid() == 0 else _WITHOUT_ROOT
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
auth_mechanisms = plain login
auth_failure_delay = 0
default_internal_user = {internal}
default_login_user = {login}
first_valid_uid = 1
mail_location = maildir:{self.base}/mail/%u
mail_fsync = never
mail_max_userip_connections = 60
passdb {{
  driver = passwd-file
  args = {self.base}/users
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
}}
{services}
"""


_WITHOUT_ROOT = """
service stats {
  chroot =
}
service imap-urlauth-login {
  chroot =
}
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
