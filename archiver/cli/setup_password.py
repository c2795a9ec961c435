"""Getting in: the password or another way of signing in, tried at once and put in a safe place."""

from __future__ import annotations

import os
import re
import shlex

from archiver.cli.answering import AnswerError
from archiver.cli.pulling import connector
from archiver.cli.setup_account import Account
from archiver.config import Settings
from archiver.errors import ArchiveError
from archiver.imap_faults import (
    AppPasswordNeededError,
    CertificateRefusedError,
    NoAnswerError,
    NoTlsError,
    UnknownHostError,
    WrongPasswordError,
)
from archiver.imap_source import ImapSource
from archiver.logs import keep_secret
from archiver.password_store import store_in_file, store_in_keyring
from archiver.passwords import find_password
from archiver.setup.answers import ACCOUNT
from archiver.source import SourceError

VARIABLE = "PAPERTRAIL_PASSWORD"
_HINTS: dict[type[SourceError], str] = {
    UnknownHostError: "Is this computer online? If so, check the server's name.",
    NoAnswerError: "Check the server's name, its port, and that IMAP is switched on in the "
    "settings of your mail account.",
    CertificateRefusedError: "The password was not sent. On a public Wi-Fi, try again at home. "
    "Otherwise check the server's name, and the clock of this computer.",
    NoTlsError: "The password was not sent. Choose the other kind of encryption.",
    WrongPasswordError: "Check the password. Many providers want an app password here, not the one "
    "you log in to their website with.",
    AppPasswordNeededError: "Your ordinary password is not enough here: make an app password in "
    "the security settings of your mail account.",
}


class WayIn:
    """The step that logs in. The password is held here and nowhere in the answers."""

    def __init__(self, account: Account, settings: Settings | None = None) -> None:
        self.account, self._settings = account, settings  # which name apps to sign in to
        self.asker, self.answers = account.asker, account.answers
        self.password = ""

    def ask(self) -> None:
        """Get in, and put the password into a safe place.

        Where another way of signing in is to follow, ``auth`` says so and nobody is in yet.
        """
        if self.answers.auth != "password":
            self._explain()
            return
        if not self.asker.attended:
            self._unattended()
            return
        self._explain()
        self.password = ""
        while True:
            while not self.password:
                self.password = self._ask_password()
                if self.answers.password_command or self.answers.password_env:
                    self.password = self._from_source()
            fault = self._try()
            if fault is None:
                break
            way = self._what_now(fault)
            if way == "password":
                self.password = ""
            elif way == "server":
                self.account.type_server()
                self.ask()
                return
            elif way == "sign_in":
                self.answers.auth = self.account.provider.sign_in if self.account.provider else ""
                self.answers.password_command, self.answers.password_env = [], ""
                return
            elif way == "stop":
                raise KeyboardInterrupt
        if not (self.answers.password_command or self.answers.password_env):
            self._store()

    def connect(self) -> ImapSource:
        """Log in as the answers say.

        Raises:
            ArchiveError: it does not work, with the reason.
        """
        account = self.account.table()
        if self.password:  # typed a moment ago, and perhaps kept nowhere
            return ImapSource(account, self.password)
        return connector(account, self._settings)()

    @property
    def is_in(self) -> bool:
        """Whether the mailbox can be read now; where one signs in elsewhere, that is tried."""
        if self.answers.auth == "password":
            return True
        try:
            self.connect().close()
        except ArchiveError:
            return False
        return True

    # -- the way in ------------------------------------------------------------------------------

    def _explain(self) -> None:
        provider = self.account.provider
        if provider is None:
            return
        steps = "\n".join(f"  {n}  {step}" for n, step in enumerate(provider.steps, 1))
        self.asker.say(f"To let Paper Trail in ({provider.wants}):", steps)
        if provider.note:
            self.asker.say(provider.note)

    def _ask_password(self) -> str:
        answers = self.answers
        answers.password_command, answers.password_env = [], ""
        wants = self.account.provider.wants if self.account.provider else "password"
        entered = self.asker.secret(
            f"Paste or type the {wants}, then press Enter. Nothing shows while you type. "
            "(Enter alone: other ways.)"
        )
        password = (
            self.account.provider.password(entered) if self.account.provider else entered.strip()
        )
        if password:
            keep_secret(password, answers.username)
            return password
        way = self.asker.choose(
            "password_from",
            "Where is the password to come from?",
            {
                "type": "I type it now",
                "command": "from a command, such as a password manager's",
                "environment": f"from the environment variable {VARIABLE}",
                "stop": "stop here and go on another time",
            },
        )
        if way == "stop":
            raise KeyboardInterrupt
        if way == "command":
            answers.password_command = self.asker.ask(
                "password_command", "Which command prints it?", _command
            )
        elif way == "environment":
            answers.password_env = VARIABLE
        return ""

    def _from_source(self) -> str:
        try:
            return find_password(self.account.table())
        except ArchiveError as error:
            self.asker.say(said(error))
            self.answers.password_command, self.answers.password_env = [], ""
            return ""

    def _try(self) -> SourceError | None:
        try:
            self._log_in()
        except SourceError as error:
            self.asker.say(said(error), _HINTS.get(type(error), error.hint))
            return error
        self.asker.say(f"That works: Paper Trail can read the mail of {self.answers.address}.")
        return None

    def _log_in(self) -> None:
        """Log in and out again, with each user name that the provider may want."""
        self.asker.say(f"Logging in to {self.answers.host} ...")
        first, *others = [self.answers.username]
        if self.account.provider is not None:
            others = [
                u for u in self.account.provider.usernames(self.answers.address) if u != first
            ]
        for username in (first, *others):
            account = self.account.table().model_copy(update={"username": username})
            try:
                ImapSource(account, self.password).close()
            except (WrongPasswordError, AppPasswordNeededError):
                if username == (others[-1] if others else first):
                    raise
            else:
                self.answers.username = username
                return

    def _what_now(self, fault: SourceError) -> str:
        ways = {"password": "another password", "server": "another server"}
        if not isinstance(fault, WrongPasswordError | AppPasswordNeededError):
            ways = {"again": "the same again", **ways}
        if self.account.provider is not None and self.account.provider.sign_in:
            ways["sign_in"] = f"sign in on {self.account.provider.name}'s own page instead"
        ways["stop"] = "stop here and go on another time"
        return self.asker.choose("", "What now?", ways)

    def _store(self) -> None:
        username = self.answers.username
        if store_in_keyring(username, self.password):
            self.answers.password_file = ""
            self.asker.say("The password is now in this computer's keyring.")
            return
        way = self.asker.choose(
            "password_from",
            "This computer has no keyring that Paper Trail can use. Where is the password to be "
            "kept?",
            {
                "file": "in a file that only your user on this computer may read",
                "command": "in a password manager that prints it by a command",
                "environment": f"nowhere; I set the environment variable {VARIABLE} each time",
            },
        )
        if way == "file":
            self._store_in_file()
        elif way == "command":
            self.answers.password_command = self.asker.ask(
                "password_command", "Which command prints it?", _command
            )
            printed = self._from_source()
            if printed != self.password:
                if printed:
                    self.asker.say("That command prints something else.")
                self.answers.password_command = []
                self._store()
        else:
            self.answers.password_env = VARIABLE

    def _store_in_file(self) -> None:
        path = store_in_file(self.answers.username, self.password)
        self.answers.password_file = str(path)
        self.asker.say(
            f"The password is in {path}. Whoever can use your user account on this computer can "
            "read it, and so can a backup of it.",
        )

    def _unattended(self) -> None:
        """The password comes from the environment or a command; nobody can be asked."""
        answers, asker = self.answers, self.asker
        ways = {"keyring": "", "file": "", "environment": "", "command": ""}
        way = asker.choose("password_from", "", ways)
        answers.password_env = asker.ask("password_env", "", _variable, VARIABLE)
        if way == "command":
            given, answers.password_env = asker.given("password_command"), ""
            answers.password_command = (
                list(map(str, given))
                if isinstance(given, list)
                else asker.ask("password_command", "", _command)
            )
        self.password = find_password(self.account.table())
        self._log_in()
        if way in {"keyring", "file"}:
            answers.password_env = ""
        if way == "keyring" and not store_in_keyring(answers.username, self.password):
            raise AnswerError("password_from", "this computer has no keyring that can be used")
        if way == "file":
            self._store_in_file()


def said(error: ArchiveError) -> str:
    """What went wrong, without the account's name: there is one, and nobody has named it yet."""
    text = str(error).removeprefix(f"Account {ACCOUNT!r}: ")
    return text[:1].upper() + text[1:]


def _variable(text: str) -> str:
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", text):
        raise ValueError("It names an environment variable, in capitals, not the password.")
    return text


def _command(text: str) -> list[str]:
    try:
        words = shlex.split(text, posix=os.name != "nt")
    except ValueError:
        words = []
    if not words:
        raise ValueError("Please type a command, such as: pass show mail")
    return words
