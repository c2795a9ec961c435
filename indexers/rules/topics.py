"""Pure: what a proposal, refusal, objection, request or consent is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from indexers.model import EventKind, Family
from indexers.rules.choosing import Chooser, Signs, load_choices
from indexers.rules.services import find_faintly, find_places
from indexers.rules.signs import signs_of, words_of

MOST = 3  # topics of one claim
ENOUGH = 0.4  # probability of a topic beside the likeliest
# A topic, what shows it, and how much more it says than a word like "services" or "testing".
_TOPICS: tuple[tuple[str, float, str], ...] = (
    ("iee", 2, r"\bIEEs?\b|independent (?:\w+ ){0,2}(?:eval|exam|assess|test)|independent look"
     r"|outside"
     r" (?:\w+ )?(?:eval|exam|assess|the (?:county|district))|at public expense"
     r"|at the districts? cost"
     r"|on the district['’]?s dime|second opinion"),
    ("pwn", 2, r"\bPWNs?\b|\bNOREP\b|\bN1\b|prior written notice|written notice"
     r"|in writing (?:why|with (?:the"
     r"|your) reasons)|(?:reasons?|refusal|answer|no) (?:in writing|on paper)|notice form"
     r"|with (?:its|the"
     r"|your) reasons|put (?:it|that|your \w+) (?:in writing|on (?:paper|a form|one of))"),
    ("records", 1.6, r"\brecords?\b|\bcop(?:y|ies)\b|\blogs?\b|raw (?:data|scores)|protocols?\b"
     r"|\bdata\b"
     r"|score sheets?|\bsession notes|\bnotes\b (?:for|of|from)|documents|progress report"
     r"|sheet for|e-?mails?"
     r" (?:between|about)|\bthe counts\b|\bcounts?,? with|show me|send (?:me|us) (?:the|which"
     r"|every|all|any)"),
    ("makeup", 1.8, r"make[- ]?ups?\b|made up|mak(?:e|ing) (?:\w+ ){0,3}up\b|compensat"
     r"|\bowed?\b|\bowes?\b"
     r"|pay(?:ing)? (?:it |them )?back|paid back|put back|give[n]? back|missed (?:minutes"
     r"|sessions|time)"
     r"|lost (?:minutes|sessions?|time|\w+ session)|\bbank\b|session (?:for|against) session"
     r"|minute for"
     r" minute|additional (?:minutes|hours)|\bextra (?:hours|sessions)|restored?|squared up"
     r"|\d+ hours\b"),
    ("esy", 1.8, r"\bESY\b|extended (?:school )?year|summer\b"),
    ("transport", 1.5, r"\bbus(?:es)?\b|transport|\bvan\b|pick-?up|drop-?off|\brides?\b|driver"
     r"|mileage"
     r"|\btrips\b"),
    ("placement", 1.5, r"placement|self-contained|general education|gen ?ed|classroom (?:change"
     r"|move)"
     r"|\bLRE\b|separate (?:class|setting)|alternative (?:school|setting)|\bmov(?:e|ing) (?:him"
     r"|her|them)"
     r"|out[- ]of[- ]district|private school|day school|shortened day|half days?|whole days?"
     r"|full days?"
     r"|partial day|modified (?:instructional )?day|reduced day|sending (?:him|her|them) home"
     r"|full time"
     r"|\bhome instruction|homebound|inclusion|little mornings|mornings only|other (?:building"
     r"|school)"),
    ("discipline", 1.6, r"suspen|expel|expuls|disciplin|manifestation|\bMDR\b|referral"
     r"|detention|removal"
     r"|days? (?:out|is wrong)|code of conduct"),
    ("behavior", 1.3, r"behavio|\bFBA\b|\bBIP\b|restrain|seclu|check-in|meltdown|calm|outburst"),
    ("eligibility", 1.5, r"eligib|qualif|exit(?:ed|ing)? (?:from )?special|categor|dismiss(?:al"
     r"|ed) from"
     r"|impairment|\bdisability\b|autism"),
    ("evaluation", 1.1, r"evaluat|assess|re-?eval|\btest(?:ing|ed)\b|screening|formal look"
     r"|take a look at"
     r"|\breport\b|look at (?:her|him|them)\b|section\b"),
    ("meeting", 1.2, r"\bmeet(?:ing)?s?\b|reconven|convene|conference\b|sit down|get together"
     r"|around the"
     r" table|at the table|call (?:the )?team|be in the room|\bARD\b|Team to"),
    ("transition", 1.3, r"transition|graduat|diploma|vocational|job coach|\bcoach\b"
     r"|work[- ]?(?:based|site)"
     r"|internship|apprentic"),
    ("safety", 1.3, r"\bsafe|injur|elope|chok|seiz|allerg|unsupervised|medicine|emergency"
     r"|rescue|wandered"
     r"|health plan|medical"),
    ("accommodations", 1.3, r"accommodat|extended time|extra time|read aloud|read to (?:him|her"
     r"|them)"
     r"|\bdevice|\bbreaks?\b|caption|calculator|small room|headphone|timer|copy from|text-based"
     r"|prompts"
     r"|large print|note ?taker|word prediction|quiet room|laminated|\bcard\b|\bpass\b|eye-gaze"
     r"|tablet"),
    ("goals", 1.2, r"\bgoals?\b|objectives|benchmarks|present levels|mastery"),
    ("services", 0.9, r"\bservices?\b|\bminutes\b|therapy|sessions?\b|times? (?:a|per) week|weekly"
     r"|\bgroup\b|\bhours?\b|twice (?:a|per) week|half hours?|consult|\bunits\b|days a week|daily"
     r"|visits|one[- ]on[- ]one|individual|lessons?|instruction|\bin that chair|somebody in"),
)  # fmt: skip
TOPICS = (*(code for code, _, _ in _TOPICS), "other")
"""Every code; what none of the patterns shows is ``other``."""
_COMPILED = tuple((code, weight, re.compile(p, re.I)) for code, weight, p in _TOPICS)
_NOT_SERVICES = {"transport": "transport", "accommodation": "accommodations", "esy": "esy",
                 "assistive_tech": "accommodations"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Matter:
    """Something proposed, refused, objected to, asked for or consented to; "" where nothing."""

    kind: EventKind
    sentence: str
    before: str
    after: str
    subject: str
    heading: str  # of the attachment it stands in


def pick_topics(at: Matter, family: Family, chooser: Chooser | None = None) -> tuple[str, ...]:
    """What a claim is about; codes of docs/events.md, the surest first, at least one.

    Args:
        at: the claim.
        family: whose names are no words.
        chooser: another than what ships, for training and tests.
    """
    chooser = chooser or load_choices()["topics"]
    return chooser.likely(topic_signs(at, family), ENOUGH, MOST)


def topic_signs(at: Matter, family: Family) -> Signs:
    """What points to topics: what the sentence shows, what stands round it, the words."""
    own = _ranked(at.sentence)
    found = [
        ("own", own[:1], 1.0),
        *(("shown", [code], 1.0) for code in own),
        *((f"shown by {at.kind}", [code], 1.0) for code in own),
        *(("before", [code], 1.0) for code in _ranked(at.before)),
        *(("after", [code], 1.0) for code in _ranked(at.after)),
        *(("subject", [code], 1.0) for code in _ranked(at.subject)),
        *(("heading", [code], 1.0) for code in _ranked(at.heading)),
    ]
    texts = {"": at.sentence, "<": at.before, ">": at.after, "h:": at.subject, "d:": at.heading}
    words = words_of(texts, family, pairs=("",)) | {f"kind={at.kind}"}
    words |= {f"{at.kind} shows {code}" for code in own}
    return signs_of(words, found)


def _ranked(text: str) -> list[str]:
    shown = _shown(text[:2000])
    if "iee" in shown:
        shown = {code: worth for code, worth in shown.items() if code != "evaluation"}
    return sorted(shown, key=lambda code: (-shown[code], code))


def topics_shown(text: str) -> tuple[str, ...]:
    """Every topic that some words show; none where they show none."""
    return tuple(_shown(text[:2000]))


@lru_cache(maxsize=4096)  # a text is a claim's own, then what stands before and after others
def _shown(text: str) -> Mapping[str, float]:
    found = {code: worth for code, worth, pattern in _COMPILED if pattern.search(text)}
    for service in (*find_places(text), *find_faintly(text)):
        code = _NOT_SERVICES.get(service, "services")
        found.setdefault(code, 0.9)
    return found
