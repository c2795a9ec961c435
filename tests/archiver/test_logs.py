"""The log: rotating, its owner's alone, and without addresses, secrets or a library's chatter."""

from __future__ import annotations

import base64
import logging
import stat
import warnings
from collections.abc import Iterator

import pytest

from archiver import logs

SECRET = "abcd efgh ijkl mnop"


@pytest.fixture(autouse=True)
def _loggers_as_before() -> Iterator[None]:
    names = ("", *logs.OURS)
    before = {n: (logging.getLogger(n).handlers[:], logging.getLogger(n).level) for n in names}
    propagate = {name: logging.getLogger(name).propagate for name in names}
    yield
    logging.captureWarnings(capture=False)
    for name, (handlers, level) in before.items():
        logger = logging.getLogger(name)
        for handler in logger.handlers:
            handler.close()
        logger.handlers[:], logger.propagate = handlers, propagate[name]
        logger.setLevel(level)
    logs._secrets.clear()


def written() -> str:
    return logs.log_path().read_text(encoding="utf-8")


def test_the_file_has_what_happened_and_the_screen_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.start_logging(0)
    logging.getLogger("archiver.pull").info("account %s: %d listed", "family", 12)

    assert "INFO archiver.pull: account family: 12 listed" in written()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("verbosity", "shown"), [(0, []), (1, ["info"]), (2, ["info", "debug"])])
def test_v_tells_more_and_vv_still_more(
    capsys: pytest.CaptureFixture[str], verbosity: int, shown: list[str]
) -> None:
    logs.start_logging(verbosity)
    logging.getLogger("indexers.build").info("info")
    logging.getLogger("reports.page").debug("debug")

    assert capsys.readouterr().err.split() == shown


def test_addresses_are_left_out_unless_somebody_asked_for_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = "no folder of ana.maria+iep@mail.school.example, <bo@x.example>"
    for private, expected in (
        (False, "no folder of [address], <[address]>\n"),
        (True, f"{told}\n"),
    ):
        logs.start_logging(1, private=private)
        logging.getLogger("archiver.x").info(told)
        assert capsys.readouterr().err == expected


@pytest.mark.parametrize("private", [False, True])
def test_a_secret_is_hidden_at_every_level_also_as_base64_and_in_a_traceback(
    capsys: pytest.CaptureFixture[str], *, private: bool
) -> None:
    plain = base64.b64encode(f"\0me\0{SECRET}".encode()).decode()
    logs.start_logging(2, private=private)
    logs.keep_secret(SECRET, "me")
    log = logging.getLogger("archiver.x")
    log.warning("LOGIN me %s", SECRET)
    log.debug("AUTHENTICATE PLAIN %s", plain)
    try:
        raise ValueError(SECRET)  # noqa: TRY301 - as a library would
    except ValueError:
        log.exception("failed")

    for text in (written(), capsys.readouterr().err):
        assert SECRET not in text
        assert plain not in text
        assert text.count(logs.HIDDEN) == 3


def test_what_libraries_log_or_warn_of_goes_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    """imaplib and imapclient would log commands, PDF readers the text of a letter."""
    logs.start_logging(2, private=True)
    for name in ("imapclient.imaplib", "pdfminer", "urllib3", "msal", ""):
        logging.getLogger(name).critical("Dear Ms. Ortiz")
    warnings.warn("Dear Ms. Ortiz", UserWarning, stacklevel=1)

    assert capsys.readouterr() == ("", "")
    assert "Ortiz" not in written()


def test_a_line_break_in_a_record_cannot_pass_for_a_record_of_its_own() -> None:
    logs.start_logging(0)
    logging.getLogger("archiver.x").info("a\r\n2026-01-01 INFO archiver: forged")

    assert [line[:4] for line in written().splitlines()][1] == "    "


def test_the_log_is_its_owner_s_alone_and_never_grows_past_its_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logs, "_FILE_BYTES", 2000)
    logs.start_logging(0)
    for number in range(400):
        logging.getLogger("archiver.x").info("line %d of a long night", number)

    files = sorted(logs.log_path().parent.iterdir())
    assert [path.name for path in files] == [
        "papertrail.log", "papertrail.log.1", "papertrail.log.2", "papertrail.log.3",
    ]  # fmt: skip
    assert all(path.stat().st_size <= 2000 for path in files)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert "line 399" in written()


def test_a_log_that_cannot_be_written_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    path = logs.log_path()
    path.parent.parent.mkdir(parents=True)
    path.parent.write_text("in the way")

    logs.start_logging(1)
    logging.getLogger("archiver.x").info("on with it")

    assert capsys.readouterr().err == "on with it\n"
