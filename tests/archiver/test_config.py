"""The configuration: the example loads, and mistakes are told all at once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from archiver.config import Settings, load_settings, parse_settings
from archiver.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]

GOOD: dict[str, Any] = {
    "archive": {"path": "~/x", "timezone": "America/Phoenix"},
    "account": [{"name": "a", "host": "imap.x.example", "username": "me"}],
    "correspondence": {"domains": ["school.example"]},
}


def problems(table: dict[str, Any]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_settings(table)
    return list(caught.value.problems)


def test_the_example_loads() -> None:
    settings = load_settings(ROOT / "config.example.toml")

    assert settings.archive.path == Path("~/Paper Trail").expanduser()
    assert settings.service[0].provider == "Dana Ortiz"


def test_the_example_explains_every_key_there_is() -> None:
    table = tomllib.loads((ROOT / "config.example.toml").read_text("utf-8"))

    for name, field in Settings.model_fields.items():
        given = table[name][0] if isinstance(table[name], list) else table[name]
        model = getattr(field.annotation, "__args__", (field.annotation,))[0]
        assert set(given) == set(model.model_fields), name


def test_what_is_left_out_has_the_value_the_example_shows() -> None:
    account = parse_settings(GOOD).account[0]

    assert account.exclude_folders == ("Trash", "Spam", "Junk", "Drafts")
    assert (account.effective_port, account.security, account.auth) == (993, "tls", "password")


def test_all_mistakes_are_told_at_once() -> None:
    found = problems(
        {
            "archive": {"path": "~/x", "timezone": "America/Phenix"},
            "acount": [],
            "account": [{"name": "a", "host": "h.example", "usrname": "y", "port": "abc"}],
            "correspondence": {"domains": ["school"], "adresses": []},
            "service": [{"service": "speech", "minutes": 0}],
            "schedule": {"at": "25:00"},
        }
    )

    told = "\n".join(found)
    for expected in (
        "did you mean 'America/Phoenix'?",
        "unknown setting 'acount'; did you mean 'account'?",
        "[[account]] number 1: unknown setting 'usrname'; did you mean 'username'?",
        "[[account]] number 1: 'username' is missing",
        "[[account]] number 1: port = 'abc'",
        "'school' is neither an e-mail address nor a domain",
        "unknown setting 'adresses'; did you mean 'addresses'?",
        "[[service]] number 1: minutes = 0",
        "'25:00' is no time of day",
    ):
        assert expected in told
    assert len(found) == 9


@pytest.mark.parametrize("key", ["password", "passwd", "secret"])
def test_a_password_in_the_file_is_refused_with_the_way_out_and_never_repeated(key: str) -> None:
    account = {**GOOD["account"][0], key: "hunter2"}

    (told,) = problems({**GOOD, "account": [account]})

    assert "does not belong in this file" in told
    assert "keyring" in told
    assert "hunter2" not in told


def test_a_password_is_only_sent_in_the_clear_to_this_very_computer() -> None:
    for host, allowed in (("127.0.0.1", True), ("localhost", True), ("imap.x.example", False)):
        account = {**GOOD["account"][0], "host": host, "security": "none"}
        table = {**GOOD, "account": [account]}
        if allowed:
            parse_settings(table)
        else:
            assert "in the clear" in problems(table)[0]


def test_a_configuration_that_names_no_school_is_refused() -> None:
    assert "nothing would be the school's" in problems({**GOOD, "correspondence": {}})[0]


def test_a_file_that_is_no_toml_says_where(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[archive]\npath = "C:\\Users\\me"\n')

    with pytest.raises(ConfigError, match=r"line 2.*single quotes"):
        load_settings(path)


def test_a_byte_order_mark_of_notepad_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (ROOT / "config.example.toml").read_bytes())

    assert load_settings(path).archive.state == "AZ"


def test_a_missing_file_and_one_that_is_no_utf_8_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_settings(tmp_path / "none.toml")
    (tmp_path / "c.toml").write_bytes(b'x = "Caf\xe9"')
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_settings(tmp_path / "c.toml")
