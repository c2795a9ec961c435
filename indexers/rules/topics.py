"""Pure: what a proposal, refusal, objection, request or consent is about."""

from __future__ import annotations

import re

TOPICS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (code, re.compile(pattern, re.I))
    for code, pattern in (
        ("iee", r"\bIEEs?\b|independent (?:educational )?eval"),
        ("pwn", r"\bPWNs?\b|prior written notice|in writing why|written notice"),
        ("records", r"records?\b|\bcopies\b|\bcopy of|\blogs?\b|raw (?:data|scores)|protocols"
         r"|\bdata\b"
         r"|score sheets|file\b|documents"),
        ("makeup", r"make[- ]?up|made up|compensat|owed|pay(?:ing)? back|missed (?:minutes"
         r"|sessions)"),
        ("esy", r"\bESY\b|extended school year|summer (?:services|program|school)"),
        ("transport", r"\bbus\b|transport|\bvan\b|pick-?up|drop-?off"),
        ("placement", r"placement|self-contained|general education|gen ?ed|classroom (?:change"
         r"|move)"
         r"|\bLRE\b|separate (?:class|setting)|alternative|move (?:him|her|them) to"
         r"|out-of-district"),
        ("discipline", r"suspen|expel|disciplin|manifestation|\bMDR\b|referral|detention"),
        ("behavior", r"behavio|\bFBA\b|\bBIP\b|restrain|seclu"),
        ("eligibility", r"eligib|qualif|exit(?:ed|ing)? (?:from )?special|\bautism\b|category"),
        ("evaluation", r"evaluat|assess|re-?eval|testing|\btest(?:ed)?\b|screening"),
        ("meeting", r"\bmeet(?:ing)?s?\b|reconvene|conference|sit down|get together"),
        ("transition", r"transition|graduat|diploma|vocational|job coach"),
        ("safety", r"\bsafe|injur|elope|choke|seizure|allerg|unsupervised|nurse"),
        ("accommodations", r"accommodat|extended time|extra time|read aloud|device|breaks?\b"),
        ("goals", r"\bgoals?\b|objectives|benchmarks"),
        ("services", r"services?\b|minutes|therapy|speech|\bOT\b|\bPT\b|sessions?|aide|para|counsel"
         r"|resource|times? (?:a|per) week|group"),
    )
)  # fmt: skip


def find_topics(text: str) -> tuple[str, ...]:
    """What a proposal, refusal, objection, request or consent is about; codes of docs/events.md."""
    found = tuple(code for code, pattern in TOPICS if pattern.search(text))
    return found[:3] or ("other",)
