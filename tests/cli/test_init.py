"""The guided set-up as a person meets it: on a real terminal, with a real server behind it."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from archiver.cli.answering import KEYS, Unattended
from archiver.cli.init import _Setup
from archiver.cli.setup_account import Account
from archiver.cli.setup_password import WayIn
from archiver.config import load_settings
from archiver.imap_faults import WrongPasswordError
from archiver.setup.answers import Answers
from archiver.setup.providers import provider_of
from tests.cli.conftest import letter, run_papertrail
from tests.conftest import Served
from tests.servers.scripted import scripted
from tests.servers.terminal import Terminal, papertrail

Serve = Callable[[dict[str, list[bytes]]], Served]


def school_mail(number: int) -> bytes:
    subject = "Maya's IEP meeting" if number % 2 else "Week plan"
    raw = letter(
        number, sender="Ms. Lee <lee@lake-usd.example>", to="mum@mail.example, dad@work.example"
    )
    return raw.replace(f"Letter {number}".encode(), f"{subject} {number}".encode())


MAIL = {
    "INBOX": [
        *map(school_mail, range(1, 5)),
        letter(10, sender="ruth@stone-edlaw.example", body="Call me about the IEP."),
        *(letter(n, "news@shoes.example", extra="List-Unsubscribe: <u>\n") for n in range(20, 30)),
        letter(40, '"\x1b[2JEvil" <x@evil-usd.example>').replace(b"Letter", b"\x1b]0;IEP\x07"),
    ],
    "Sent": [letter(50, sender="mum@mail.example", to="lee@lake-usd.example")],
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An empty home folder, as the environment of a new user."""
    folder = tmp_path / "home"
    folder.mkdir()
    return {
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TZ": "America/Phoenix",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "NO_COLOR": "1",
    }


def config_of(home: dict[str, str]) -> Path:
    return Path(home["HOME"]) / ".config/papertrail/config.toml"


def state_of(home: dict[str, str]) -> Path:
    return Path(home["HOME"]) / ".local/state/papertrail/setup.json"


def to_the_password(person: Terminal, server: Served) -> None:
    person.answer(
        ("Which e-mail address", "mum@mail.example"),
        ("Paper Trail does not know mail.example", "n"),
        ("name of your mail server", server.host),
        ("How is the connection encrypted", "3"),
        ("On which port", str(server.port)),
        ("What do you log in with", server.username),
    )


def to_the_school(person: Terminal, server: Served) -> None:
    to_the_password(person, server)
    person.answer(
        ("Paste or type the password", server.password),
        ("no keyring that Paper Trail can use", "1"),
        ("What is your child's name?", "Maya Lopez, Maya"),
        ("Look now?", ""),
    )


@pytest.mark.parametrize("columns", [80, 40])
def test_from_an_empty_home_to_a_finished_first_run(
    serve_mail: Serve, home: dict[str, str], columns: int
) -> None:
    server = serve_mail(MAIL)
    with Terminal(papertrail("init"), home, columns=columns) as person:
        to_the_school(person, server)
        offered = person.until("Enter goes on.")
        person.type("")
        person.answer(("Which addresses are the family's", ""))
        person.until("In which state")
        person.type("")  # Arizona, by this computer's zone
        person.answer(
            ("In which time zone", ""),
            ("an attorney or an advocate", "1"),
            ("[x] ruth@stone-edlaw.example", ""),
            ("Is there a mediator", ""),
            ("own doctors", "dr@clinic.example"),
            ("Which service?", "speech therapy"),
            ("How many minutes", "30"),
            ("How many times", "2"),
            ("Per day", ""),
            ("From which day", "2/30/2025"),
            ("There is no day", "8/4/2025"),
            ("To which day", "8/1/2025"),
            ("before the first day", "5/21/2026"),
            ("Who gives it", "Dana Ortíz"),
            ("Right?", ""),
            ("Enter when that is all", ""),
            ("In which folder", "~/Paper Trail"),
            ("Press Enter to write", ""),
            ("Make the first run now?", "y"),
            ("every night by itself?", "n"),
        )
        person.until("From now on:")
        assert person.end() in {0, 1}
        screen = person.screen

    assert "1 [x] lake-usd.example" in offered
    assert "shoes.example" not in offered
    assert "\x1b" not in offered.replace("\x1b[?2004", "")
    assert "The chronology:" in screen
    assert server.password not in screen
    asked = screen.partition("Now everything is tried")[0].replace("> ", "\n")
    assert [n for n in asked.splitlines() if len(n) > columns and " " in n.strip()] == []

    path = config_of(home)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    table = tomllib.loads(path.read_text("utf-8"))
    assert table["correspondence"] == {
        "domains": ["lake-usd.example"], "private_providers": ["dr@clinic.example"],
    }  # fmt: skip
    assert table["people"]["parents"] == ["mum@mail.example"]
    assert table["people"]["privileged"] == ["ruth@stone-edlaw.example"]
    assert table["archive"]["timezone"] == "America/Phoenix"
    assert table["service"] == [
        {
            "service": "speech", "minutes": 30, "times": 2, "per": "week",
            "start": date(2025, 8, 4), "end": date(2026, 5, 21), "provider": "Dana Ortíz",
        }
    ]  # fmt: skip
    assert not state_of(home).exists()
    kept = list((Path(home["HOME"]) / "Paper Trail/originals").rglob("*.eml"))
    assert len(kept) == 6  # four of the school's, the one sent to it, the attorney's


def test_ctrl_c_at_any_question_leaves_nothing_half_written_and_it_goes_on_from_there(
    serve_mail: Serve, home: dict[str, str]
) -> None:
    server = serve_mail(MAIL)
    with Terminal(papertrail("init"), home) as person:
        person.until("Which e-mail address")
        person.type("\x03", enter=False)
        person.until("Nothing was written.")
        assert person.end() == 3
    assert not state_of(home).exists()

    with Terminal(papertrail("init"), home) as person:
        to_the_password(person, server)
        person.until("Paste or type")
        person.type("\x03", enter=False)
        person.until("`papertrail init` goes on from there.")
        assert person.end() == 3
    assert not config_of(home).exists()

    with Terminal(papertrail("init"), home) as person:
        person.answer(("Go on from there?", ""), ("Paste or type the password", "wrong"))
        person.until("did not accept the user name")
        shown = person.until("What now?")
        assert "Account 'family'" not in shown
        person.type("1")
        person.answer(("Paste or type the password", server.password), ("no keyring", "1"))
        person.until("What is your child's name?")
        person.type("\x04", enter=False)  # end of input
        assert person.end() == 3

    kept = state_of(home).read_text("utf-8")
    assert server.password not in kept
    assert stat.S_IMODE(state_of(home).stat().st_mode) == 0o600
    with Terminal(papertrail("init"), home) as person:
        person.answer(("Go on from there?", ""), ("What is your child's name?", "Maya"))
        person.until("Look now?")

    secret = next(config_of(home).parent.glob("password-*"))
    with Terminal(papertrail("init"), home) as person:
        person.answer(("Go on from there?", "n"))
        person.until("Which e-mail address")
    assert not secret.exists()
    assert not state_of(home).exists()


def test_a_server_that_does_not_answer_is_tried_again_or_changed(
    serve_mail: Serve, home: dict[str, str]
) -> None:
    server = serve_mail(MAIL)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        closed = probe.getsockname()[1]
    with Terminal(papertrail("init"), home) as person:
        person.answer(
            ("Which e-mail address", "mum@mail.example"),
            ("Paper Trail does not know mail.example", "n"),
            ("name of your mail server", server.host),
            ("How is the connection encrypted", "3"),
            ("On which port", str(closed)),
            ("What do you log in with", server.username),
            ("Paste or type the password", server.password),
            ("othing answered as a mail server on '127.0.0.1'", ""),
            ("othing answered as a mail server on '127.0.0.1'", "3"),
            ("name of your mail server", ""),
            ("How is the connection encrypted", "3"),
            ("On which port", str(server.port)),
            ("What do you log in with", ""),
            ("Paste or type the password", server.password),
        )
        person.until("That works")


def test_a_terminal_of_another_encoding_and_answers_that_make_no_sense(
    serve_mail: Serve, home: dict[str, str]
) -> None:
    server = serve_mail(MAIL)
    latin = {**home, "PYTHONIOENCODING": "latin-1", "LANG": "C", "PYTHONUTF8": "0"}
    with Terminal(papertrail("init"), latin, encoding="latin-1") as person:
        person.until("Which e-mail address")
        for nonsense, reason in (
            ("", "Please type an e-mail address"),
            ("mum", "no e-mail address"),
            ("a b@c.example", "no e-mail address"),
            ("=" * 3000, "too long"),
        ):
            person.type(nonsense)
            person.until(reason)
        person.type("mum@mail.example")
        person.answer(
            ("does not know mail.example", "maybe"),
            ("y for yes or n for no", "n"),
            ("name of your mail server", "-"),
            ("no name of a server", server.host),
            ("How is the connection encrypted", "4"),
            ("a number from 1 to 3", "3"),
            ("On which port", "65536"),
            ("A port is a number", str(server.port)),
            ("What do you log in with", server.username),
            ("Paste or type the password", ""),
            ("Where is the password to come from?", "3"),
            ("PAPERTRAIL_PASSWORD is not set", ""),
            ("Where is the password to come from?", "1"),
            ("Paste or type the password", server.password),
            ("no keyring", "1"),
            ("What is your child's name?", ", ,"),
            ("at least one name", "Zoë Núñez"),
        )
        person.until("Look now?")
        person.type("n")
        person.answer(("Whose mail is the school's?", ""), ("Please name at least one", "lake-usd"))
        person.until("neither an e-mail address")
        person.type("lake-usd.example")
        person.until("Which addresses are the family's")
    assert '"Zo\\u00eb N\\u00fa\\u00f1ez"' in state_of(home).read_text("ascii")


def answers(path: Path, server: Served, archive: Path, more: str = "") -> Path:
    path.write_text(
        f"""
        address = "mum@mail.example"
        host = "{server.host}"
        port = {server.port}
        security = "none"
        username = "{server.username}"
        password_from = "file"
        child = ["Maya Lopez", "Maya"]
        state = "AZ"
        timezone = "America/Phoenix"
        privileged = ["ruth@stone-edlaw.example"]
        archive = '{archive}'
        {more}
        """,
        encoding="utf-8",
    )
    return path


def init(
    home: dict[str, str], *arguments: str | Path, **more: str
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        papertrail("init", *arguments),
        env={**home, **more},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_a_file_of_answers_sets_up_without_a_question(
    serve_mail: Serve, home: dict[str, str], tmp_path: Path, archive: Path
) -> None:
    server = serve_mail(MAIL)
    file = answers(tmp_path / "a.toml", server, archive, "run = true\nschedule = true")
    # A crontab in a file, and no systemd: the real ones belong to whoever runs the tests.
    (tmp_path / "bin").mkdir()
    for name, script in (
        ("crontab", f"[ $1 = -l ] && exec cat '{tmp_path}/tab'; cat > '{tmp_path}/tab'"),
        ("systemctl", "exit 1"),
    ):
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "bin" / name).chmod(0o700)
    (tmp_path / "tab").write_text("1 2 * * * own\n")
    path = f"{tmp_path}/bin:{home['PATH']}"

    done = init(home, "--answers", file, PAPERTRAIL_PASSWORD=server.password, PATH=path)

    assert done.returncode in {0, 1}, done.stdout + done.stderr
    tab = (tmp_path / "tab").read_text("utf-8")
    assert tab.startswith("1 2 * * * own\n")
    assert f"--config {config_of(home)} run --if-due" in tab
    assert (archive / "exports/chronology.html").exists()
    settings = load_settings(config_of(home))
    assert settings.correspondence.domains == ("lake-usd.example",)  # what the look would tick
    assert settings.account[0].password_env == ""
    # And it works the next night, when no variable is set.
    again = subprocess.run(
        papertrail("check"), env=home, capture_output=True, text=True, check=False
    )
    assert again.returncode == 0, again.stderr


def test_a_command_that_prints_the_password_is_kept_as_a_list_of_words(
    serve_mail: Serve, home: dict[str, str], tmp_path: Path, archive: Path
) -> None:
    server = serve_mail({"INBOX": []})
    (tmp_path / "my pass").write_text(f"{server.password}\n")
    more = f"""
        school = ["lake-usd.example"]
        look = false
        password_command = ["cat", '{tmp_path}/my pass']
    """
    file = answers(tmp_path / "a.toml", server, archive, more)
    file.write_text(file.read_text("utf-8").replace('"file"', '"command"'), "utf-8")

    done = init(home, "--answers", file)

    assert done.returncode == 0, done.stdout + done.stderr
    (account,) = load_settings(config_of(home)).account
    assert account.password_command == ("cat", f"{tmp_path}/my pass")
    assert account.password_env == ""


def test_an_existing_configuration_is_not_replaced_unasked_and_kept_when_it_is(
    serve_mail: Serve, home: dict[str, str], tmp_path: Path, archive: Path
) -> None:
    server = serve_mail(MAIL)
    path = config_of(home)
    path.parent.mkdir(parents=True)
    path.write_text("# mine\n")
    more = 'look = false\nschool = ["lake-usd.example"]'

    done = init(home, "--answers", answers(tmp_path / "a.toml", server, archive, more))
    assert done.returncode == 2
    assert "There is a configuration already" in done.stderr
    assert path.read_text() == "# mine\n"

    with Terminal(papertrail("init"), home) as person:
        person.answer(("Make a new one?", ""))
        person.until("Nothing was changed.")
        assert person.end() == 0
    assert path.read_text() == "# mine\n"

    file = answers(tmp_path / "a.toml", server, archive, f"{more}\nreplace = true")
    done = init(home, "--answers", file, PAPERTRAIL_PASSWORD=server.password)
    assert done.returncode == 0, done.stdout + done.stderr
    assert load_settings(path).archive.state == "AZ"
    (aside,) = path.parent.glob("config-20*.toml")
    assert aside.read_text() == "# mine\n"


def test_a_mailbox_keeps_its_name_in_the_record_and_another_one_does_not_get_it(
    home: dict[str, str], archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else everything of the first mailbox would look as if it had vanished from the server."""
    monkeypatch.setenv("HOME", home["HOME"])
    path = config_of(home)
    setup = _Setup(Unattended({}), path)
    setup.answers = Answers(
        address="mum@mail.example", username="mum", host="imap.mail.example", archive=str(archive),
        timezone="America/Phoenix", school=["lake-usd.example"],
    )  # fmt: skip
    setup._write()
    assert load_settings(path).account[0].name == "family"

    path.write_text(path.read_text("utf-8").replace('"family"', '"mine"'), "utf-8")
    setup._take_up_old()
    assert setup.answers.school == ["lake-usd.example"]
    setup.answers.username, setup.answers.host = "mum", "imap.mail.example"
    setup._write()
    assert load_settings(path).account[0].name == "mine"

    archive.mkdir()
    (archive / "journal.jsonl").touch()
    setup.answers.username = setup.answers.address = "dad@mail.example"
    setup._write()
    assert [account.name for account in load_settings(path).account] == ["dad@mail.example", "mine"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('password = "hunter2"', "a password does not belong into a file"),
        ('adress = "x@y.example"', "did you mean 'address'?"),
        ('state = "Bavaria"', "'state': Please type the two letters"),
        ('school = ["nothing"]', "'school': \"nothing\" is neither"),
        ('password_env = "hunter2"', "names an environment variable, in capitals"),
        ("service = 3", "'service': write it as [[service]] tables"),
        ("[[service]]\nservice = 'chess'", "service = 'chess' must be"),
        ("= 3", "not valid TOML"),
    ],
)
def test_a_file_of_answers_with_a_mistake_writes_nothing(
    serve_mail: Serve, home: dict[str, str], tmp_path: Path, archive: Path, line: str, told: str
) -> None:
    server = serve_mail({"INBOX": []})
    given = answers(tmp_path / "a.toml", server, archive, line).read_text("utf-8")
    if line.startswith("state"):
        given = given.replace('state = "AZ"\n', "", 1)
    if "school" not in line:
        given = given.replace("child =", 'school = ["lake-usd.example"]\nlook = false\nchild =', 1)
    (tmp_path / "a.toml").write_text(given, encoding="utf-8")

    done = init(home, "--answers", tmp_path / "a.toml", PAPERTRAIL_PASSWORD=server.password)

    assert done.returncode == 2, done.stdout + done.stderr
    assert told in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    assert not config_of(home).exists()
    assert not archive.exists()


def test_an_account_that_signs_in_elsewhere_ends_with_what_to_type(
    home: dict[str, str], archive: Path
) -> None:
    with Terminal(papertrail("init"), home) as person:
        person.until("Which e-mail address")
        person.type("mum@outlook.com")
        person.until("takes no password from mail programs any more")
        person.answer(
            ("What is your child's name?", "Maya"),
            ("Whose mail is the school's?", "lake-usd.example"),
            ("Which addresses are the family's", ""),
            ("In which state", "az"),
            ("In which time zone", "Arizona"),
            ("an attorney", ""),
            ("a mediator", ""),
            ("own doctors", ""),
            ("Which service?", ""),
            ("In which folder", str(archive)),
            ("Press Enter to write", "1 3"),
            ("Which e-mail address", "mum@hotmail.com"),
            ("What is your child's name?", "Maya Lopez"),
            ("Press Enter to write", ""),
        )
        person.until("One thing is left: signing in")
        assert person.end() == 1
    settings = load_settings(config_of(home))
    assert settings.account[0].auth == "microsoft"
    assert settings.account[0].username == "mum@hotmail.com"
    assert settings.child.names == ("Maya Lopez",)


def test_without_a_configuration_every_command_points_to_init(tmp_path: Path) -> None:
    done = subprocess.run(papertrail("status"), capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "Paper Trail is not set up yet" in done.stderr
    assert "papertrail init" in done.stderr
    elsewhere = run_papertrail(tmp_path / "none.toml", "status")
    assert "no such file" in elsewhere.err


def test_the_documented_file_of_answers_is_one() -> None:
    text = (Path(__file__).parents[2] / "docs/setup.md").read_text("utf-8")
    table = tomllib.loads(text.partition("```toml\n")[2].partition("```")[0])

    Unattended(table)
    assert set(KEYS) - set(table) == {"password_env", "password_command"}


def test_where_a_provider_wants_either_of_two_user_names_both_are_tried() -> None:
    """Apple says that it is the name before the @, and that it is the whole address if not."""
    answers = Answers(address="ana@icloud.com", username="ana", security="none", host="127.0.0.1")
    refused = b"%t NO [AUTHENTICATIONFAILED] no\r\n"
    with scripted({"LOGIN ana ": refused}) as (_, answers.port):
        account = Account(Unattended({}), answers)
        account._provider, way_in = provider_of("ana@icloud.com"), WayIn(account)
        way_in.password = "abcd-efgh"
        way_in._log_in()

    assert answers.username == "ana@icloud.com"

    with (
        scripted({"LOGIN": refused}) as (_, answers.port),
        pytest.raises(WrongPasswordError, match=r"'ana'"),
    ):
        way_in._log_in()


def test_a_proton_address_is_on_this_computer_and_not_any_server_here_is_proton_s() -> None:
    other = Account(Unattended({}), Answers(address="mum@mail.example", host="127.0.0.1"))
    proton = Account(Unattended({}), Answers(address="mum@proton.me", host="127.0.0.1"))

    assert other.provider is None
    assert proton.provider is not None
    assert proton.provider.name.startswith("Proton")
