"""What is handed out: a wheel that has all it needs, and works where nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Callable
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

import pytest

from tests.cli.conftest import letter
from tests.conftest import ROOT, Served

PACKAGES = ("archiver", "indexers", "reports")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive, built without a network."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        return BytesParser().parsebytes(archive.read(name))


def test_every_file_of_the_packages_is_in_the_wheel_and_nothing_else(wheel: Path) -> None:
    """SQL, templates, fonts, weights and word lists are as needed as the code."""
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}

    source = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == source | {"archiver/config.example.toml"}
    assert any(name.endswith(".sql") for name in packed)
    assert any(name.endswith(".typ") for name in packed)


def test_the_metadata_say_what_it_is_and_under_which_licences(wheel: Path) -> None:
    facts = metadata(wheel)

    assert facts["Name"] == "paper-trail-archiver"
    assert facts["Requires-Python"] == ">=3.11"
    assert facts["License-Expression"] == "MIT"
    assert set(facts.get_all("License-File", [])) == {
        "LICENSE", "indexers/rules/encoder.LICENSE",
        "reports/exhibits/fonts/DejaVuSans.LICENSE.txt",
    }  # fmt: skip
    assert facts.get_payload().startswith("# Paper Trail")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (points,) = [n for n in names if n.endswith("entry_points.txt")]
        assert b"papertrail = archiver.cli.main:main" in archive.read(points)
        (licence,) = [n for n in names if n.endswith("licenses/LICENSE")]
        assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()


def test_the_source_archive_has_what_it_takes_to_build_and_test(built: Path) -> None:
    (found,) = built.glob("*.tar.gz")
    with tarfile.open(found) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    for name in ("pyproject.toml", "README.md", "LICENSE", "config.example.toml", "Makefile"):
        assert name in names
    assert "tests/test_wheel.py" in names
    assert not [name for name in names if name.startswith((".ci", ".venv", "demo-output"))]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel in an environment of its own, as pipx would have it; its papertrail command.

    The dependencies are those of this environment, by a path file: it reads no path files in
    there, so that the tree this was installed from is out of reach.
    """
    folder = tmp_path_factory.mktemp("clean") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    answer = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    site = Path(answer.stdout.strip())
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = python.with_name("papertrail")
    command.write_text(f"#!{python}\nfrom archiver.cli.main import main\nmain()\n")
    command.chmod(0o755)
    return command


@pytest.mark.skipif(os.name == "nt", reason="a script with a #! line")
def test_installed_elsewhere_it_sets_up_runs_and_writes_reports(
    installed: Path, tmp_path: Path, serve_mail: Callable[[dict[str, list[bytes]]], Served]
) -> None:
    server = serve_mail({"INBOX": [letter(n) for n in range(3)]})
    environment = {
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PAPERTRAIL_PASSWORD": server.password,
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [installed, *arguments],
            env=environment, cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip

    where = subprocess.run(
        [installed.with_name("python"), "-c", "import archiver; print(archiver.__file__)"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(installed.parents[1]))
    assert "Set Paper Trail up, step by step" in run("--help").stdout
    assert run("--version").stdout.startswith("papertrail, version 0.")
    (tmp_path / "answers.toml").write_text(
        f"""
        address = "mum@mail.example"
        host = "{server.host}"
        port = {server.port}
        security = "none"
        username = "{server.username}"
        password_from = "environment"
        child = ["Maya"]
        school = ["school.example"]
        look = false
        state = "AZ"
        timezone = "America/Phoenix"
        run = true
        """
    )

    done = run("init", "--answers", "answers.toml")

    assert done.returncode in {0, 1}, done.stdout + done.stderr
    assert (tmp_path / "Paper Trail/exports/chronology.html").stat().st_size > 1000
    for name in ("c.pdf", "c.docx"):
        made = run("report", "chronology", "-o", name, "--all")
        assert made.returncode in {0, 1}, made.stderr
        assert (tmp_path / name).stat().st_size > 1000
