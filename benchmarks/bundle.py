"""Time and memory of a large packet: 300 messages, 1,500 pages, made twice and compared.

    python -m benchmarks.bundle [FOLDER]

The mail is invented: each message has a PDF of four pages, every third one a photograph as well.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

from PIL import Image
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from tests.reports.exhibits.conftest import mail, make_archive

MESSAGES = 300
WORDS = "the school team met and said that speech minutes will be made up next month after testing"


def message(number: int) -> bytes:
    """One message with its attachments."""
    chance = random.Random(number)
    month = ("Jan", "Feb", "Mar")[number // 100]
    day = f"{1 + number % 28} {month} 2026 09:{number % 60:02}:00 -0700"
    attach = [(f"Report {number}.pdf", "application/pdf", report(chance, 4))]
    if number % 3 == 0:
        attach.append((f"IMG_{number}.jpg", "image/jpeg", photo(chance)))
    body = "\n".join(sentence(chance) for _ in range(20))
    html = "".join(f"<p>{line}</p>" for line in body.split("\n"))
    return mail(f"Letter {number}", body, date=day, html=html, attach=attach)


def sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS.split(), k=14)) + "."


def report(chance: random.Random, pages: int) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=letter, invariant=True)
    for _ in range(pages):
        for line in range(45):
            canvas.drawString(60, 740 - 15 * line, sentence(chance))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def photo(chance: random.Random) -> bytes:
    noise = Image.frombytes("L", (200, 260), chance.randbytes(200 * 260)).resize((2400, 3120))
    out = BytesIO()
    noise.convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    family = make_archive(folder, [message(number) for number in range(MESSAGES)])
    for name, choice in (("one", ["--after", "2026-01-01"]), ("two", ["--again", "1"])):
        begun = time.monotonic()
        command = [sys.executable, "-m", "archiver.cli", "--config", str(family.config), "bundle"]
        subprocess.run(
            [*command, *choice, "-o", str(folder / name)],
            env={**os.environ, "PAPERTRAIL_PASSWORD": "x"}, check=False,
        )  # fmt: skip
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"{name}: {time.monotonic() - begun:.0f} s, largest {used.ru_maxrss / 1024:.0f} MB")
    same = subprocess.run(["diff", "-r", folder / "one", folder / "two"], check=False).returncode
    print("byte for byte the same" if same == 0 else "NOT THE SAME")
    size = sum(p.stat().st_size for p in (folder / "one").rglob("*") if p.is_file())
    print(f"{size / 1e6:.0f} MB, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
