"""The first half of `papertrail init`: whose mailbox, which server, how to get in."""

from __future__ import annotations

import ipaddress
import os
import shlex
from pathlib import Path

from archiver.cli.asking import AnswerError, Asker
from archiver.config import AccountTable
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
from archiver.setup import typed
from archiver.setup.answers import ACCOUNT, Answers, account_table
from archiver.setup.autoconfig import is_host
from archiver.setup.discover import discover
from archiver.setup.providers import Provider, provider_of, providers
from archiver.source import SourceError

_AUTH = ("password", "google", "microsoft")
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


class Account:
    """The steps about the mailbox. The password is held here and nowhere in the answers."""

    def __init__(self, asker: Asker, answers: Answers) -> None:
        self.asker, self.answers = asker, answers
        self.password = ""
        self._provider: Provider | None = None

    @property
    def provider(self) -> Provider | None:
        """Who keeps the mail, where that is known."""
        if self._provider is None:
            by_address, host = provider_of(self.answers.address), self.answers.host
            if by_address is not None and by_address.host == host:
                self._provider = by_address
            else:  # an address of Xfinity may be kept at Yahoo
                known = (p for p in providers() if p.host == host and p.security == "tls")
                self._provider = next(known, None)
        return self._provider

    def ask_address(self) -> None:
        """Whose mailbox."""
        before = self.answers.address
        self.answers.address = self.asker.ask(
            "address", "Which e-mail address do you use with the school?", typed.address, before
        )
        self.answers.parents = [
            self.answers.address if parent == before else parent for parent in self.answers.parents
        ]

    def ask_server(self) -> None:
        """Where that mailbox is: known, found, or told."""
        answers, told = self.answers, self.asker.given("host")
        answers.username, answers.ca_file, answers.host = answers.address, "", ""
        self._provider = None if told else provider_of(answers.address)
        if self._provider is None and not told:
            self._look_up()
        if self._provider is not None:
            self._use(self._provider)
        elif not answers.host:
            self.type_server()

    def type_server(self) -> None:
        """Ask for everything, where nobody else knew."""
        answers, asker = self.answers, self.asker
        domain = answers.address.rpartition("@")[2]
        self._provider = None
        answers.host = asker.ask(
            "host",
            "What is the name of your mail server? Your provider's help pages have it, under "
            f"IMAP. Often it is imap.{domain} or mail.{domain}.",
            _host,
            answers.host,
        )
        ways = {"tls": "from the start (TLS, usual)", "starttls": "after the greeting (STARTTLS)"}
        if _is_here(answers.host):
            ways["none"] = "not at all (it is on this computer)"
        answers.security = asker.choose("security", "How is the connection encrypted?", ways)
        usual = "993" if answers.security == "tls" else "143"
        answers.port = asker.ask("port", "On which port?", typed.port, usual)
        answers.username = asker.ask(
            "username", "What do you log in with there?", _not_empty, answers.username
        )
        answers.auth = self.provider.auth if self.provider is not None else "password"
        if asker.given("auth"):
            answers.auth = asker.choose("auth", "", dict.fromkeys(_AUTH, ""))
        if asker.given("ca_file"):
            answers.ca_file = asker.ask("ca_file", "", _file)

    def ask_way_in(self) -> bool:
        """Get in, and put the password into a safe place.

        Returns:
            Whether somebody is in: False where another way of signing in is to follow.
        """
        if self.answers.auth != "password":
            self._explain()
            return False
        if not self.asker.attended:
            return self._unattended()
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
                self.type_server()
                return self.ask_way_in()
            elif way == "sign_in":
                self.answers.auth = self.provider.sign_in if self.provider else ""
                self.answers.password_command, self.answers.password_env = [], ""
                return False
            elif way == "stop":
                raise KeyboardInterrupt
        if not (self.answers.password_command or self.answers.password_env):
            self._store()
        return True

    def connect(self) -> ImapSource:
        """Log in as the answers say.

        Raises:
            ArchiveError: it does not work, with the reason.
        """
        account = self.account()
        if not self.password:
            self.password = find_password(account)
        return ImapSource(account, self.password)

    def account(self) -> AccountTable:
        """The account, as it will stand in the configuration."""
        return AccountTable.model_validate(account_table(self.answers))

    # -- the server ------------------------------------------------------------------------------

    def _use(self, provider: Provider) -> None:
        answers = self.answers
        answers.host, answers.port = provider.host, provider.port
        answers.security, answers.auth = provider.security, provider.auth
        answers.username = provider.usernames(answers.address)[0]
        self.asker.say(f"That is {provider.name}. Its mail server is {provider.host}.")
        if provider.certificate:
            answers.ca_file = self.asker.ask(
                "ca_file", "Where did you save its certificate, cert.pem?", _file
            )

    def _look_up(self) -> None:
        domain = self.answers.address.rpartition("@")[2]
        if not self.asker.yes(
            "lookup",
            f"Paper Trail does not know {domain}. May it ask {domain} and your name server which "
            "mail server that is? They learn nothing else.",
            default=True,
        ):
            return
        found = discover(self.answers.address)
        self._provider = found.provider
        if found.provider is not None:
            return
        if found.server is None:
            self.asker.say(f"{domain} does not tell. So please look it up and type it.")
            return
        server = found.server
        self.asker.say(
            f"{server.source} names this mail server:",
            f"  {server.host}, port {server.port}, user name {server.username}",
        )
        if self.asker.yes("lookup", "Does that look right?", default=True):
            answers = self.answers
            answers.host, answers.port = server.host, server.port
            answers.security, answers.username = server.security, server.username

    # -- the way in ------------------------------------------------------------------------------

    def _explain(self) -> None:
        provider = self.provider
        if provider is None:
            return
        steps = "\n".join(f"  {n}  {step}" for n, step in enumerate(provider.steps, 1))
        self.asker.say(f"To let Paper Trail in ({provider.wants}):", steps)
        if provider.note:
            self.asker.say(provider.note)

    def _ask_password(self) -> str:
        answers = self.answers
        answers.password_command, answers.password_env = [], ""
        wants = self.provider.wants if self.provider else "password"
        entered = self.asker.secret(
            f"Paste or type the {wants}, then press Enter. Nothing shows while you type. "
            "(Enter alone: other ways.)"
        )
        password = self.provider.password(entered) if self.provider else entered.strip()
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
            return find_password(self.account())
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
        if self.provider is not None:
            others = [u for u in self.provider.usernames(self.answers.address) if u != first]
        for username in (first, *others):
            account = self.account().model_copy(update={"username": username})
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
        if self.provider is not None and self.provider.sign_in:
            ways["sign_in"] = f"sign in on {self.provider.name}'s own page instead"
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

    def _unattended(self) -> bool:
        """The password comes from the environment or a command; nobody can be asked."""
        answers, asker = self.answers, self.asker
        ways = {"keyring": "", "file": "", "environment": "", "command": ""}
        way = asker.choose("password_from", "", ways)
        answers.password_env = asker.ask("password_env", "", str, VARIABLE)
        if way == "command":
            answers.password_env = ""
            answers.password_command = asker.ask("password_command", "", _command)
        self.password = find_password(self.account())
        self._log_in()
        if way in {"keyring", "file"}:
            answers.password_env = ""
        if way == "keyring" and not store_in_keyring(answers.username, self.password):
            raise AnswerError("password_from", "this computer has no keyring that can be used")
        if way == "file":
            self._store_in_file()
        return True


def said(error: ArchiveError) -> str:
    """What went wrong, without the account's name: there is one, and nobody has named it yet."""
    text = str(error).removeprefix(f"Account {ACCOUNT!r}: ")
    return text[:1].upper() + text[1:]


def _host(text: str) -> str:
    name = text.lower().rstrip(".")
    if not (is_host(name) or _is_here(name)):
        raise ValueError(f'"{text}" is no name of a server. One looks like imap.mail.example.')
    return name


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("Please type something.")
    return text


def _command(text: str) -> list[str]:
    try:
        words = shlex.split(text, posix=os.name != "nt")
    except ValueError:
        words = []
    if not words:
        raise ValueError("Please type a command, such as: pass show mail")
    return words


def _file(text: str) -> str:
    path = Path(text.strip("'\"")).expanduser()
    if not path.is_file():
        raise ValueError(f"There is no file {path}.")
    return str(path.absolute())
