from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import imapclient
import pytest

from demo.server import Server

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def demo_folder() -> Path:
    return ROOT / "demo"


@contextmanager
def _logged_in(server: Server) -> Iterator[imapclient.IMAPClient]:
    with imapclient.IMAPClient(server.host, server.port, ssl=False, timeout=20) as client:
        client.login(server.username, server.password)
        yield client


@pytest.fixture
def logged_in() -> Callable[[Server], object]:
    return _logged_in
