"""The configuration that is written: just the answers, with every explanation, in safe hands."""

from __future__ import annotations

import tomllib
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from archiver.config import SERVICES, parse_settings
from archiver.setup.answers import Answers, answers_path, load_answers, save_answers, tables
from archiver.setup.earlier import answers_from, flat, merged
from archiver.setup.fill import example, fill

FULL = Answers(
    address="mum@mail.example",
    host="imap.mail.example",
    username="mum@mail.example",
    password_env="PAPERTRAIL_PASSWORD",
    child=["Zoë Lopez", "Zo"],
    school=["lake-usd.example", "slp@agency.example"],
    parents=["mum@mail.example"],
    state="AZ",
    timezone="America/Phoenix",
    privileged=["law.example"],
    mediators=["odr.example"],
    private_providers=["dr@clinic.example"],
    services=[
        {"service": "ot", "minutes": 30, "times": 2, "per": "week", "start": "2025-08-04"},
        {"service": "transport"},
    ],
    archive="~/Paper Trail",
)


def test_what_is_written_is_what_was_answered_with_every_comment_of_the_example() -> None:
    made = tables(FULL)
    text = fill(example(), made, "Written by a test.\nYours to change.")

    assert tomllib.loads(text) == made
    settings = parse_settings(tomllib.loads(text))
    assert settings.service[0].start == date(2025, 8, 4)
    assert settings.correspondence.addresses == ("slp@agency.example",)
    assert text.startswith("# Written by a test.\n# Yours to change.\n\n[archive]\n")
    opening, _, rest = example().partition("\n[archive]")
    comments = {line for line in rest.splitlines() if line.startswith("#")}
    assert comments <= set(text.splitlines())
    assert not set(opening.splitlines()[:1]) & set(text.splitlines())


def test_what_was_not_answered_is_shown_and_not_in_force() -> None:
    few = Answers(
        host="h.example", username="me", school=["s.example"], timezone="America/Phoenix",
        archive="~/x",
    )  # fmt: skip

    text = fill(example(), tables(few), "x")

    assert tomllib.loads(text) == tables(few)
    for line in ("#[child]", '#names = ["Maya Lopez", "Maya"]', "#[[service]]", '#at = "02:00"'):
        assert line in text.splitlines()
    assert "law.example" not in tomllib.loads(text).get("people", {}).get("privileged", [])


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), max_size=3),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    st.lists(st.sampled_from(SERVICES), max_size=3),
)
def test_no_answer_can_break_out_of_its_line(
    child: list[str], path: str, services: list[str]
) -> None:
    answers = Answers(
        host="h.example", username=path, child=child, archive=path, timezone="America/Phoenix",
        services=[{"service": name, "provider": path} for name in services],
    )  # fmt: skip

    made = tables(answers)

    assert tomllib.loads(fill(example(), made, "x")) == made


def test_the_example_keeps_to_one_line_a_value() -> None:
    """``fill`` works on lines; what it does not know must not slip through."""
    for line in example().splitlines():
        known = not line or line[0] == "#" or line[0] == "["
        assert known or tomllib.loads(line), line


def test_answers_are_kept_for_their_owner_alone_and_a_damaged_file_is_none() -> None:
    path = answers_path()
    assert load_answers(path) is None

    save_answers(path, FULL)
    assert load_answers(path) == FULL
    assert path.stat().st_mode & 0o077 == 0

    for damage in ("", "{", "[]", '{"port": "x", "host": 3, "new": 1, "done": null}'):
        path.write_text(damage)
        assert load_answers(path) in (None, Answers())
    save_answers(path, FULL)
    path.chmod(0o644)
    assert load_answers(path) is None


OLD = """
[archive]
path = "~/Paper Trail"
timezone = "America/Denver"
[[account]]
name = "mine"
host = "old.example"
username = "mum@mail.example"
password_command = ["old"]
folders = ["INBOX", "School"]
[[account]]
name = "dad"
host = "imap.dad.example"
username = "dad"
[correspondence]
domains = ["old-usd.example"]
family_mail = false
[people]
privileged = ["law.example"]
[[service]]
service = "ot"
start = 2025-08-04
[dkim]
check = true
[calendar]
closed = [2025-11-26, "2025-12-22 to 2026-01-02"]
[seal]
nightly = true
[[seal.authority]]
name = "A"
url = "https://tsa.example"
ca_file = "/a.pem"
"""


def test_what_a_new_set_up_does_not_ask_about_is_taken_over_as_it_is() -> None:
    old = tomllib.loads(OLD)
    few = Answers(
        account="mine", address="mum@mail.example", username="mum@mail.example", host="new.example",
        school=["lake-usd.example"], timezone="America/Phoenix", archive="~/Paper Trail",
    )  # fmt: skip

    made = merged(old, tables(few), ["dad"])

    assert tomllib.loads(fill(example(), flat(made), "x")) == made
    settings = parse_settings(made)
    mine, dad = settings.account
    assert (mine.name, mine.host, mine.folders) == ("mine", "new.example", ("INBOX", "School"))
    assert mine.password_command == ()
    assert dad.name == "dad"
    assert settings.correspondence.domains == ("lake-usd.example",)
    assert not settings.correspondence.family_mail
    assert (settings.people.privileged, settings.service) == ((), ())
    assert {name: made[name] for name in ("dkim", "calendar", "seal")} == {
        name: old[name] for name in ("dkim", "calendar", "seal")
    }
    assert len(merged(old, tables(few))["account"]) == 1


def test_a_configuration_is_offered_again_as_answers_and_comes_out_the_same() -> None:
    old = tomllib.loads(OLD)
    again = answers_from(parse_settings(old))

    assert again.address == "mum@mail.example"
    assert again.services == [{"service": "ot", "per": "week", "start": "2025-08-04"}]
    again.account, again.host, again.username = "mine", "old.example", "mum@mail.example"
    again.password_command = ["old"]
    before, after = parse_settings(old), parse_settings(merged(old, tables(again), ["dad"]))
    assert after.model_copy(update={"account": ()}) == before.model_copy(update={"account": ()})
    assert [a.model_dump(exclude={"port"}) for a in after.account] == [
        a.model_dump(exclude={"port"}) for a in before.account
    ]
