"""Pure: what a sentence says outright, in the words of the law and its forms.

"The team proposes to reduce speech", "we do not consent to the placement". People rarely write so,
and where they do, it is what it says: unless it is a condition, a question, or about a picnic.
"""

from __future__ import annotations

import re

from archiver.model import Role
from indexers.model import EventKind

_WE = (
    r"(?:we|I|(?:the|our) (?:\w+ )?(?:team|district|school|committee|division|agency|department"
    r"|LEA|CSE|ARD|PPT|ARC))"
)
_I = r"(?:we|I|(?:the|her|his|their) (?:parents?|mother|father|family|guardians?))"
_MATTER = re.compile(
    r"\b(?:speech|therap\w+|OT|PT|minutes|sessions?|aide|para\w*|placement|class(?:room)?s?|IEP|ieps?"
    r"|\w*evaluat\w+|assessments?|services?|goals?|support|resource|nurs\w+|transport\w*"
    r"|counsel\w+|accommodat\w+|eligib\w+|special education|school day|ESY|school year|device"
    r"|interpreter|compensatory|make-?up|instruction|reading|behavior|plan|diploma|one-to-one"
    r"|1:1|adult)\b",
    re.I,
)
_DOUBT = re.compile(
    r"\b(?:if|unless|whether|should|would|might|could|before|until|once|said|told|says|asked"
    r"|why|when|how)\b[^.;]*\Z",
    re.I,
)
_HEDGE = r"(?:hereby |now |formally |therefore |respectfully |also |still |strongly |both |all )?"
_SAID: tuple[tuple[EventKind, bool, re.Pattern[str]], ...] = tuple(
    (kind, of_school, re.compile(pattern, re.I))
    for kind, of_school, pattern in (
        (
            EventKind.PROPOSAL,
            True,
            rf"\b{_WE} (?:are |is |am )?{_HEDGE}(?:propos(?:es?|ing)|recommend(?:s|ing)?"
            r"|offer(?:s|ing)?)\b|\A\W*(?:action proposed|proposed action)\b",
        ),
        (
            EventKind.REFUSAL,
            True,
            rf"\b{_WE} (?:are |is |am )?{_HEDGE}(?:refus(?:es?|ing)|declin(?:es?|ing)"
            rf"|den(?:y|ies|ying))\b|\b{_WE} (?:will not|won['’]t|cannot|can['’]t|can not|(?:are|is"
            r"|am) (?:not able|unable) to|do(?:es)? not agree to) (?:be able to )?(?:provide|offer"
            r"|add|fund|grant|approve|pay|conduct|give|assign|agree|increase)\b"
            r"|\A\W*(?:action refused|refused action)\b",
        ),
        (
            EventKind.OBJECTION,
            False,
            rf"\b{_I} {_HEDGE}(?:(?:do(?:es)? not|don['’]t|cannot|can['’]t|will not|won['’]t)"
            r" (?:agree|consent|accept|approve)|object\b|disagree|reject)",
        ),
        (
            EventKind.CONSENT,
            False,
            rf"\b{_I} {_HEDGE}(?:consents?|agrees?|accepts?|approves?) (?:to|with|the)\b"
            rf"|\b{_I} {_HEDGE}give (?:my|our) consent\b",
        ),
        (
            EventKind.REQUEST,
            False,
            rf"\b{_I} (?:am |are |is )?{_HEDGE}(?:requests?|requesting|asking for|ask that)\b"
            r"|\bplease (?:send|provide|evaluate|schedule)\b",
        ),
    )
)
_BEFORE = 60  # characters in which a doubt may stand
_LONG = 2000  # characters that are read


def said_outright(text: str, author: Role) -> tuple[EventKind, ...]:
    """The kinds that a sentence says in so many words, by one who can say them. Raises nothing."""
    text = text[:_LONG]
    if text.rstrip().endswith("?") or not _MATTER.search(text):
        return ()
    family = author in {Role.PARENT, Role.PRIVILEGED}
    return tuple(
        kind
        for kind, of_school, pattern in _SAID
        if of_school is not family and _certain(text, pattern)
    )


def _certain(text: str, pattern: re.Pattern[str]) -> bool:
    found = pattern.search(text)
    return found is not None and not _DOUBT.search(
        text[max(0, found.start() - _BEFORE) : found.start()]
    )
