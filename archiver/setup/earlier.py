"""Pure: a configuration that is there already, taken up by a new set-up.

What the set-up asks about gets the new answer. Everything else stays: what somebody wrote by hand
into [calendar] or [dkim] must not vanish because the school's addresses were asked for again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from archiver.config import Settings
from archiver.setup.answers import Answers

_ASKED = {
    "archive": {"path", "timezone", "state"},
    "child": {"names"},
    "correspondence": {"domains", "addresses", "private_providers"},
    "people": {"parents", "privileged", "mediators"},
}
_OF_THE_WAY_IN = {
    "name", "host", "port", "security", "username", "auth", "ca_file",
    "password_env", "password_command", "password_file",
}  # fmt: skip


def answers_from(settings: Settings) -> Answers:
    """What would have been answered for a configuration, to be offered again.

    Not the mailbox: its login is to be tried anew.
    """
    correspondence, people = settings.correspondence, settings.people
    return Answers(
        address=next((a.username for a in settings.account if "@" in a.username), ""),
        child=list(settings.child.names),
        school=[*correspondence.domains, *correspondence.addresses],
        private_providers=list(correspondence.private_providers),
        parents=list(people.parents),
        privileged=list(people.privileged),
        mediators=list(people.mediators),
        state=settings.archive.state,
        timezone=settings.archive.timezone,
        services=[
            {key: value for key, value in s.model_dump(mode="json").items() if value}
            for s in settings.service
        ],
        archive=str(settings.archive.path),
    )


def merged(
    old: Mapping[str, Any], made: Mapping[str, Any], others: Collection[str] = ()
) -> dict[str, Any]:
    """The new tables with what of the old ones was not asked about.

    Args:
        old: the earlier configuration as parsed; empty where there was none.
        made: what was answered; one account.
        others: names of further accounts of the old configuration that stay.
    """
    result = {name: value for name, value in old.items() if name not in {"account", "service"}}
    for name, asked in _ASKED.items():
        kept = {key: value for key, value in old.get(name, {}).items() if key not in asked}
        if table := {**kept, **made.get(name, {})}:
            result[name] = table
        else:
            result.pop(name, None)
    (account,) = made["account"]
    accounts = [dict(entry) for entry in old.get("account", ())]
    same = next((a for a in accounts if a.get("username") == account["username"]), {})
    kept = {key: value for key, value in same.items() if key not in _OF_THE_WAY_IN}
    stay = [a for a in accounts if a is not same and a.get("name") in others]
    result["account"] = [{**kept, **account}, *stay]
    if made.get("service"):
        result["service"] = made["service"]
    return {name: table for name, table in result.items() if table}


def flat(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Tables by the names of their headers: what is in ``[[seal.authority]]`` under that name."""
    found: dict[str, Any] = {}
    for name, table in tables.items():
        if not isinstance(table, Mapping):
            found[name] = table
            continue
        inner = {k: v for k, v in table.items() if isinstance(v, list) and _is_tables(v)}
        found[name] = {key: value for key, value in table.items() if key not in inner}
        found.update({f"{name}.{key}": value for key, value in inner.items()})
    return found


def _is_tables(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(value, Mapping) for value in values)
