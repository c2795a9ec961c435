"""TOML to Settings. Every mistake is found before any is reported; a password is never in the file.

``parse_settings`` is pure. The keys are those of config.example.toml, which a test loads.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import tomllib
import zoneinfo
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from archiver.errors import ConfigError
from archiver.roles import AddressBook

_PORTS = {"tls": 993, "starttls": 143, "none": 143}
_PASSWORD_KEYS = {"password", "passwd", "pass", "secret", "passwort", "app_password", "apppassword"}
_PASSWORD_SOURCES = {"password_env", "password_command", "password_file"}
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
SERVICES = (
    "speech", "ot", "pt", "counseling", "resource", "aide", "behavior", "nursing", "vision",
    "hearing", "interpreter", "mobility", "ape", "transport", "assistive_tech", "accommodation",
    "esy", "social_work", "psych", "other",
)  # fmt: skip


def _zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        near = difflib.get_close_matches(name, zoneinfo.available_timezones(), 1)
        advice = f"did you mean {near[0]!r}?" if near else 'write it like "America/Phoenix"'
        raise ValueError(f"{name!r} is no time zone; {advice}") from None
    return name


def _entry(text: str) -> str:
    """An address or a domain; ``*`` stands for everything."""
    text = text.strip().lower().removeprefix("@")
    if text == "*":
        return text
    local, at, domain = text.rpartition("@")
    if (at and not local) or not domain or "." not in domain or set(domain) & set(" <>,;:/"):
        raise ValueError(
            f"{text!r} is neither an e-mail address nor a domain such as school.example"
        )
    return text


def _address(text: str) -> str:
    if "@" not in text.strip().removeprefix("@"):
        raise ValueError(f"{text!r} is no e-mail address")
    return _entry(text)


def _clock(text: str) -> str:
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdigit() and minutes.isdigit() and len(minutes) == 2):
        raise ValueError(f'{text!r} is no time of day; write it like "02:00"')
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError(f"{text!r} is no time of day")
    return f"{int(hours):02}:{minutes}"


def _web_address(text: str) -> str:
    if not text.lower().startswith(("https://", "http://")):
        raise ValueError(f"{text!r} is no web address; it begins with https:// or http://")
    return text


def _variable(text: str) -> str:
    # Somebody may have put the password itself here: what was given is not repeated.
    if text and not _VARIABLE.fullmatch(text):
        raise ValueError("it names an environment variable, in capitals, not the password itself")
    return text


def _expanded(text: str) -> str:
    return str(Path(text).expanduser())


def _expanded_or_none(text: str) -> str:
    return _expanded(text) if text else ""


def _path(value: object) -> object:
    return Path(value).expanduser() if isinstance(value, str) and value.strip() else value


Zone = Annotated[str, AfterValidator(_zone)]
Entry = Annotated[str, AfterValidator(_entry)]
Address = Annotated[str, AfterValidator(_address)]
Clock = Annotated[str, AfterValidator(_clock)]
Folder = Annotated[Path, BeforeValidator(_path)]
Text = Annotated[str, Field(min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class ArchiveTable(_Table):
    """``[archive]``."""

    path: Folder
    timezone: Zone
    state: str = ""


class ChildTable(_Table):
    """``[child]``."""

    names: tuple[Text, ...] = ()


class AccountTable(_Table):
    """``[[account]]``."""

    name: Text
    host: Text
    port: int = Field(default=0, ge=0, le=65535)  # 0: the usual one for ``security``
    security: Literal["tls", "starttls", "none"] = "tls"
    username: Text
    auth: Literal["password", "google", "microsoft"] = "password"
    password_env: Annotated[str, AfterValidator(_variable)] = ""
    password_command: tuple[Text, ...] = ()
    password_file: Annotated[str, AfterValidator(_expanded_or_none)] = ""
    ca_file: str = ""
    folders: tuple[Text, ...] = ()
    exclude_folders: tuple[str, ...] = ("Trash", "Spam", "Junk", "Drafts")
    whole_folders: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _plain_only_at_home(self) -> AccountTable:
        if self.security == "none" and not _is_loopback(self.host):
            raise ValueError(
                'security = "none" would send the password in the clear; it is allowed for a '
                'server on this computer only. Use "tls" (or "starttls")'
            )
        return self

    @property
    def effective_port(self) -> int:
        """The port to connect to."""
        return self.port or _PORTS[self.security]


class CorrespondenceTable(_Table):
    """``[correspondence]``."""

    domains: tuple[Entry, ...] = ()
    addresses: tuple[Address, ...] = ()
    private_providers: tuple[Entry, ...] = ()
    family_mail: bool = True


class PeopleTable(_Table):
    """``[people]``."""

    parents: tuple[Address, ...] = ()
    privileged: tuple[Entry, ...] = ()
    mediators: tuple[Entry, ...] = ()


class ServiceTable(_Table):
    """``[[service]]``."""

    service: Literal[SERVICES]  # type: ignore[valid-type]  # pydantic reads the tuple
    minutes: int | None = Field(default=None, ge=1)
    times: int | None = Field(default=None, ge=1)
    per: Literal["day", "week", "2 weeks", "month", "year"] = "week"
    start: date | None = None
    end: date | None = None
    provider: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> ServiceTable:
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"end ({self.end}) is before start ({self.start})")
        return self


class TimestampAuthority(_Table):
    """``[[seal.authority]]``: a service that signs hashes with the time (RFC 3161)."""

    name: Text
    url: Annotated[str, AfterValidator(_web_address)]
    ca_file: Annotated[str, AfterValidator(_expanded), Field(min_length=1)]


class SealTable(_Table):
    """``[seal]``."""

    nightly: bool = False
    authority: tuple[TimestampAuthority, ...] = ()


class DkimTable(_Table):
    """``[dkim]``."""

    check: bool = False
    nameserver: str = ""  # address or address:port; empty: the system's


def _days(text: object) -> object:
    """``2025-11-26`` or ``"2025-12-22 to 2026-01-02"``: the first and the last day."""
    if not isinstance(text, str):
        return (text, text)
    first, _, last = text.partition(" to ")
    try:
        return date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip())
    except ValueError:
        raise ValueError(f'{text!r} is neither a day nor "2025-12-22 to 2026-01-02"') from None


DayRange = Annotated[tuple[date, date], BeforeValidator(_days)]


class CalendarTable(_Table):
    """``[calendar]``: when there was no school."""

    file: str = ""  # an ICS file of the district
    closed: tuple[DayRange, ...] = ()
    open: tuple[DayRange, ...] = ()
    public_holidays: bool = True

    @property
    def given(self) -> bool:
        """Whether anything is known of the district's days."""
        return bool(self.file or self.closed)


class ScheduleTable(_Table):
    """``[schedule]``."""

    at: Clock = "02:00"
    watch: bool = False


class AlarmTable(_Table):
    """``[alarm]``: how a person is told that the nights fail."""

    desktop: bool = True
    after_nights: int = Field(default=2, ge=1)
    mail_to: Address | Literal[""] = ""
    mail_from: Address | Literal[""] = ""
    smtp_host: str = ""
    smtp_port: int = Field(default=0, ge=0, le=65535)  # 0: the usual one for ``smtp_security``
    smtp_security: Literal["tls", "starttls", "none"] = "tls"
    smtp_username: str = ""
    smtp_password_env: str = ""
    smtp_password_command: tuple[Text, ...] = ()
    smtp_ca_file: str = ""

    @model_validator(mode="after")
    def _can_be_sent(self) -> AlarmTable:
        if self.mail_to and not self.smtp_host:
            raise ValueError("mail_to needs smtp_host, the server that the mail goes out by")
        if self.smtp_security == "none" and self.smtp_host and not _is_loopback(self.smtp_host):
            raise ValueError(
                'smtp_security = "none" would send the password in the clear; it is allowed for a '
                "server on this computer only"
            )
        return self


def _loopback_only(text: str) -> str:
    if text and not _is_loopback(urlsplit(text).hostname or ""):
        raise ValueError("another sign-in service than the real one may be on this computer only")
    if text and urlsplit(text).scheme != "https":
        raise ValueError("a sign-in service begins with https://")
    return text


LoopbackServer = Annotated[str, AfterValidator(_loopback_only)]


class GoogleTable(_Table):
    """``[google]``: the app that people sign in to."""

    client_id: str = ""
    client_secret_env: str = ""
    client_secret_command: tuple[Text, ...] = ()
    server: LoopbackServer = ""  # for tests; empty: Google
    ca_file: str = ""  # of that server


class MicrosoftTable(_Table):
    """``[microsoft]``: the app that people sign in to."""

    client_id: str = ""
    tenant: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+$")] = "common"
    server: LoopbackServer = ""  # for tests; empty: Microsoft
    ca_file: str = ""  # of that server


class Settings(_Table):
    """A whole configuration file."""

    archive: ArchiveTable
    child: ChildTable = ChildTable()
    account: tuple[AccountTable, ...] = Field(min_length=1)
    correspondence: CorrespondenceTable = CorrespondenceTable()
    people: PeopleTable = PeopleTable()
    service: tuple[ServiceTable, ...] = ()
    schedule: ScheduleTable = ScheduleTable()
    seal: SealTable = SealTable()
    dkim: DkimTable = DkimTable()
    calendar: CalendarTable = CalendarTable()
    alarm: AlarmTable = AlarmTable()
    google: GoogleTable = GoogleTable()
    microsoft: MicrosoftTable = MicrosoftTable()

    @model_validator(mode="after")
    def _account_names_differ(self) -> Settings:
        names = [account.name for account in self.account]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"two accounts have the same name: {', '.join(doubled)}")
        return self

    @property
    def timezone(self) -> zoneinfo.ZoneInfo:
        """The school's zone: days are its days."""
        return zoneinfo.ZoneInfo(self.archive.timezone)

    def address_book(self) -> AddressBook:
        """Who is who, by address."""
        return AddressBook.of(
            school=(*self.correspondence.domains, *self.correspondence.addresses),
            provider=self.correspondence.private_providers,
            parent=self.people.parents,
            privileged=self.people.privileged,
        )


def load_settings(path: Path) -> Settings:
    """Read a configuration file.

    Raises:
        ConfigError: it is missing, unreadable or has mistakes; all of them are listed.
    """
    try:
        # Notepad puts a byte order mark in front, which TOML does not allow.
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(path, ["there is no such file"]) from None
    except UnicodeDecodeError as error:
        at = f"byte {error.start + 1} is not UTF-8; save the file with the encoding UTF-8"
        raise ConfigError(path, [at]) from None
    except OSError as error:
        raise ConfigError(path, [f"it cannot be read: {error.strerror}"]) from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        advice = ""
        if "\\" in text:
            advice = "; in a path, write / or put the path in single quotes ('C:\\Users\\...')"
        raise ConfigError(path, [f"it is not valid TOML: {error}{advice}"]) from None
    return parse_settings(table, path)


def parse_settings(table: dict[str, Any], path: Path | None = None) -> Settings:
    """Check a parsed configuration.

    Args:
        table: as tomllib gives it.
        path: named in the error; relative paths in the file are taken from its folder.

    Raises:
        ConfigError: with every mistake in it.
    """
    problems = [*_inline_passwords(table), *_inline_secrets(table)]
    try:
        settings = Settings.model_validate(table)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            sentence = _sentence(fault)
            if sentence is not None:
                problems.append(sentence)
        raise ConfigError(path, problems) from None
    problems += _empty(settings)
    if problems:
        raise ConfigError(path, problems)
    return settings


def refuse_passwords(table: dict[str, Any], path: Path) -> None:
    """Refuse a file of answers that has a password in it.

    Raises:
        ConfigError: it has one; it is not repeated.
    """
    found = [key for key in sorted(table) if _is_password(key)]
    if found:
        raise ConfigError(
            path,
            [
                f"a password does not belong into a file: remove {key!r}, and give it in the "
                "environment variable PAPERTRAIL_PASSWORD or by password_command"
                for key in found
            ],
        )


def _empty(settings: Settings) -> list[str]:
    correspondence = settings.correspondence
    whole = any(account.whole_folders for account in settings.account)
    if not (correspondence.domains or correspondence.addresses or whole):
        return ["[correspondence] names no domains and no addresses: nothing would be the school's"]
    return []


def _inline_passwords(table: dict[str, Any]) -> list[str]:
    accounts = table.get("account")
    return [
        f"[[account]] number {number}: the password does not belong in this file (anyone who gets "
        f"a copy of it could read your mail). Remove {key!r}; use password_env, password_command, "
        "password_file or the system keyring, and change the password if others have seen it"
        for number, account in enumerate(accounts if isinstance(accounts, list) else [], 1)
        if isinstance(account, dict)
        for key in sorted(account)
        if _is_password(key)
    ]


def _is_password(key: str) -> bool:
    said = key.lower().replace("-", "_")
    return said in _PASSWORD_KEYS or said.rpartition("_")[2] in _PASSWORD_KEYS


def _inline_secrets(table: dict[str, Any]) -> list[str]:
    """Secrets in the other tables, by the end of the key's name."""
    return [
        f"[{name}]: a secret does not belong in this file. Remove {key!r}; use {key}_env, "
        f"{key}_command or the system keyring"
        for name in ("alarm", "google", "microsoft")
        if isinstance(table.get(name), dict)
        for key in table[name]
        if _is_password(key)
    ]


def _sentence(fault: Any) -> str | None:
    """One pydantic error in plain words; None for what ``_inline_passwords`` has said."""
    where, key = _where(fault["loc"])
    match fault["type"]:
        case "extra_forbidden":
            if _is_password(key):
                return None
            near = difflib.get_close_matches(key, _known_keys(fault["loc"][:-1]), 1, cutoff=0.5)
            advice = f"; did you mean {near[0]!r}?" if near else ""
            return f"{where}: unknown setting {key!r}{advice}"
        case "missing":
            return f"{where}: {key!r} is missing" if where else f"[{key}] is missing"
        case "too_short" if key == "account":
            # Accounts with mistakes of their own do not count for pydantic; they are named above.
            given = fault["ctx"]["actual_length"] or fault["input"]
            return None if given else "there is no [[account]]: whose mail is to be kept?"
        case "literal_error":
            return f"{where}: {key} = {fault['input']!r} must be {fault['ctx']['expected']}"
        case "value_error":
            error = str(fault["ctx"]["error"])
            return f"{where}: {key}: {error}" if key else f"{where}: {error}" if where else error
        case _:
            message = fault["msg"][:1].lower() + fault["msg"][1:]
            if key.split(" ", 1)[0] in _PASSWORD_SOURCES:  # the value may be the password itself
                return f"{where}: {key}: {message}"
            return f"{where}: {key} = {fault['input']!r}: {message}"


def _where(loc: tuple[str | int, ...]) -> tuple[str, str]:
    """A pydantic location as ("[[account]] number 1", "port")."""
    if not loc:
        return "", ""
    table, *rest = loc
    if rest and isinstance(rest[0], int) and table in {"account", "service"}:
        where, rest = f"[[{table}]] number {rest[0] + 1}", rest[1:]
    elif rest:
        where = f"[{table}]"
    else:
        return ("the file", str(table)) if table not in Settings.model_fields else ("", str(table))
    names = [f"no. {part + 1}" if isinstance(part, int) else str(part) for part in rest]
    return where, " ".join(names)


def _known_keys(loc: tuple[str | int, ...]) -> list[str]:
    if not loc:
        return list(Settings.model_fields)
    tables: dict[str, type[BaseModel]] = {
        "archive": ArchiveTable,
        "child": ChildTable,
        "account": AccountTable,
        "correspondence": CorrespondenceTable,
        "people": PeopleTable,
        "service": ServiceTable,
        "schedule": ScheduleTable,
        "seal": SealTable,
        "dkim": DkimTable,
        "calendar": CalendarTable,
        "alarm": AlarmTable,
        "google": GoogleTable,
        "microsoft": MicrosoftTable,
    }
    return list(tables[str(loc[0])].model_fields)


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
