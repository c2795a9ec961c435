"""The first steps of `papertrail init`: whose mailbox, and on which server."""

from __future__ import annotations

import ipaddress
from pathlib import Path

from archiver.cli.asking import Asker
from archiver.config import AccountTable
from archiver.setup import typed
from archiver.setup.answers import Answers, account_table
from archiver.setup.autoconfig import is_host
from archiver.setup.discover import discover
from archiver.setup.providers import Provider, provider_of, providers

_AUTH = ("password", "google", "microsoft")


class Account:
    """The steps about the mailbox: whose it is, and where."""

    def __init__(self, asker: Asker, answers: Answers) -> None:
        self.asker, self.answers = asker, answers
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
        answers, told = self.answers, self.asker.given("host") is not None
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
        if asker.given("auth") is not None:
            answers.auth = asker.choose("auth", "", dict.fromkeys(_AUTH, ""))
        if asker.given("ca_file") is not None:
            answers.ca_file = asker.ask("ca_file", "", _file)

    def table(self) -> AccountTable:
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
        self.asker.say(f"Asking {domain}, for some seconds ...")
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


def _file(text: str) -> str:
    path = Path(text.strip("'\"")).expanduser()
    if not path.is_file():
        raise ValueError(f"There is no file {path}.")
    return str(path.absolute())
