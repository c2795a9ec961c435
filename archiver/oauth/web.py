"""A connection to a sign-in service: verified, and never without an end to waiting."""

from __future__ import annotations

import functools
import logging
from typing import Any

TIMEOUT_S = 30.0
# At the level DEBUG they write down whole requests, with the secrets in them.
for _noisy in ("requests_oauthlib", "oauthlib", "google", "msal", "urllib3"):
    logging.getLogger(_noisy).setLevel(logging.WARNING)


def session(ca_file: str) -> Any:
    """A requests.Session; ``ca_file`` is the authority of a service on this computer, or ""."""
    import requests  # noqa: PLC0415 - an extra

    made = requests.Session()
    trust(made, ca_file)
    made.request = functools.partial(made.request, timeout=TIMEOUT_S)
    return made


def trust(made: Any, ca_file: str) -> None:
    """Let a session trust another authority in place of the usual ones."""
    if ca_file:
        made.verify = ca_file
        made.trust_env = False  # REQUESTS_CA_BUNDLE would win over ``verify``
