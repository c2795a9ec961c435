"""Pure: which service of an IEP a text speaks of, for how long, and why one was not given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from indexers.model import Family

# In order: the more particular before the more general. Codes are those of docs/events.md.
_SERVICES: tuple[tuple[str, str], ...] = (
    ("esy", r"ESY|(?i:extended school year)"),
    ("ape", r"APE\b|(?i:adapt(?:ed|ive) (?:PE|phys(?:ical)? ed\w*))"),
    ("mobility", r"O ?& ?M\b|(?i:orientation (?:and|&) mobility|cane (?:travel|lesson))"),
    ("speech", r"SLPA?\b|(?i:speech|artic(?:ulation)?|language therap\w*|habla)"),
    ("ot", r"\bO\.?T\.?\b|COTA\b|(?i:occupational)"),
    ("pt", r"\bP\.?T\.?\b(?!A)|(?i:physical therap\w*|gait trainer|\bstander\b)"),
    ("interpreter", r"(?i:interpret(?:er|ing)|\bASL\b)"),
    ("hearing", r"\bTOD\b|\bDHH\b|(?i:teacher of the deaf|hearing (?:itinerant|service)|FM system"
     r"|audiolog\w*)"),
    ("vision", r"\bTVI\b|(?i:vision (?:teacher|itinerant|service)|braille)"),
    ("nursing", r"\bRN\b|\bLPN\b|(?i:nurs(?:e|es|ing)|cath(?:eter\w*)?\b|g-?tube|feeding tube"
     r"|insulin|seizure (?:med|plan))"),
    ("behavior", r"\bBCBA\b|\bRBT\b|\bABA\b|(?i:behavior (?:specialist|support|analyst|tech\w*|plan"
     r"|consult\w*)|\bBIP\b)"),
    ("social_work", r"\bLCSW\b|(?i:social work\w*|school social)"),
    ("psych", r"(?i:psycholog\w*|school psych\w*)"),
    ("counseling", r"(?i:counsel(?:ing|or|ling|lor)\w*|check-?in with|social skills group"
     r"|lunch bunch)"),
    ("assistive_tech", r"\bAAC\b|(?i:assistive tech\w*|communication device|talker\b"
     r"|speech device|eye ?gaze|text-to-speech)"),
    ("aide", r"(?i:\baides?\b|\bparas?\b|parapro\w*|one[- ]on[- ]one|1:1|shadow\b|\bEA\b"
     r"|paraeducator|instructional assistant|support person)"),
    ("transport", r"(?i:\bbus(?:es)?\b|\bvan\b|transport\w*|driver|route \d|door-to-door"
     r"|wheelchair lift|pick(?:ed)?[- ]?up at the)"),
    ("resource", r"\bSDI\b|\bRSP\b|(?i:resource|specially designed|reading (?:group|interv\w*"
     r"|specialist)|math (?:group|interv\w*)|pull[- ]?out|push[- ]?in|wilson\b|orton|intervention"
     r"|special ed(?:ucation)? (?:teacher|minutes|time)|inclusion (?:teacher|support)"
     r"|in-class support|co-?teach\w*|learning support|decoding)"),
    ("accommodation", r"(?i:accommodat\w*|extended time|extra time|read aloud|preferential seat\w*"
     r"|sensory break|movement break|breaks? card|large print|graphic organizer|notes? provided"
     r"|calculator|small[- ]group testing|audio ?books?|modified (?:test|quiz|work))"),
)  # fmt: skip
_COMPILED = tuple((code, re.compile(rf"(?:\b|(?<=\W)){pattern}")) for code, pattern in _SERVICES)

_MINUTES = re.compile(
    r"\b(?P<n>\d{1,3})[ -]?(?:min(?:ute)?s?\b|['′](?=\s|\W))|\b(?P<half>half[- ](?:an[- ])?hour)\b"
    r"|\b(?P<hour>an hour|one hour|1 hour|1 hr)\b",
    re.I,
)
_REASONS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (code, re.compile(pattern, re.I))
    for code, pattern in (
        ("student_absent", r"\b(?:student|child|he|she|they|kiddo|s/he)\b.{0,14}\b(?:was|were"
         r"|is)? ?"
         r"(?:absent|home sick|out sick|not at school|suspended)|student absen|absence of student"
         r"|(?:^|\|)\s*absent\b|stayed home|kept (?:him|her|them) home|no-show"),
        ("closure", r"\bsnow\b|early (?:release|dismissal)|school (?:was |is )?closed|closure"
         r"|closed"
         r" (?:for|due)|power outage|ice day|weather|strike|delayed (?:start|opening)|holiday"),
        ("vacancy", r"vacan|position (?:is|remains|has)|unfilled|(?:no|without an?) (?:\w+ ){0,3}"
         r"(?:hired|provider|therapist|SLP|aide|para|nurse|interpreter)\b|resign|replacement"
         r"|haven'?t (?:found|hired)|still (?:looking|hiring|posted)|left the (?:district|school)"
         r"|until (?:we|they) (?:hire|fill)|posted|nobody in (?:the|that) (?:job|position|post)"),
        ("school_event", r"assembl|field (?:trip|day)|testing|\btests?\b window|state test|\bMAP\b"
         r"|STAAR|picture day|pep rally|book fair|concert|rehears|IEP meeting|meetings?\b"
         r"|pulled (?:in|for) (?:a |an )?(?:meeting|test)|award|program in the gym|lockdown|drill"
         r"|evaluations? (?:all|that)"),
        ("not_scheduled", r"not (?:on|in) (?:the|his|her|their|my) (?:schedule|timetable|caseload)"
         r"|never (?:been )?(?:scheduled|started|begun|put|set up|implemented)"
         r"|not (?:yet )?(?:been )?"
         r"(?:scheduled|started|begun|implemented|in place)|nobody (?:told|knew)"
         r"|didn'?t know (?:he|she"
         r"|they|about)|schedul(?:e|ing) (?:conflict|error|mistake)|forgot|without (?:the|his"
         r"|her|any)"
         r"|wasn'?t given (?:the|his|her)"),
        ("provider_absent", r"\bout\b|\bsick\b|\bill\b|absent|on leave|maternity|jury duty|training"
         r"|conference|PD day|professional (?:development|day)|called (?:in|out)|away"
         r"|at (?:another|the"
         r" other) (?:school|campus|building)|cover(?:ing|ed)? (?:for|a|another|lunch|class)"
         r"|subb?ing"
         r"|no sub|substitut|was not (?:here|in|available)|wasn'?t (?:here|in|available)|gone"
         r"|doctor"
         r"|appointment|pulled (?:to|away|out)|loaned|borrow"),
    )
)  # fmt: skip


def find_services(text: str, family: Family) -> list[str]:
    """Codes of the services a text speaks of, the first named first, each once."""
    found: dict[str, int] = {}
    for code, pattern in _COMPILED:
        match = pattern.search(text)
        if match:
            found.setdefault(code, match.start())
    for service in family.services:
        for name in provider_names(service.provider):
            at = text.find(name)
            if at >= 0 and service.service not in found:
                found[service.service] = at
    # "speech device" is about the device; "bus aide" is about the aide.
    return sorted(found, key=lambda code: found[code])


@lru_cache(maxsize=256)
def provider_names(provider: str) -> Sequence[str]:
    """Names in a configured provider that stand for the person by themselves: surnames."""
    people = re.split(r"[;,/()]| later | then | to | from | and ", provider)
    names = []
    for person in people:
        words = re.findall(r"[A-Z][\w'’-]{2,}", person)
        if len(words) >= 2 or (words and re.match(r"\s*(?:Ms|Mr|Mrs|Dr|Miss)\b", person)):
            names.append(words[-1])
    return names


def find_minutes(text: str) -> int | None:
    """The minutes that a text states for one session."""
    match = _MINUTES.search(text)
    if match is None:
        return None
    if match["half"]:
        return 30
    if match["hour"]:
        return 60
    return int(match["n"]) if 5 <= int(match["n"]) <= 480 else None


def find_reason(text: str) -> str:
    """Why a service was not given, as far as the text says; a code of docs/events.md."""
    return next((code for code, pattern in _REASONS if pattern.search(text)), "unknown")


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
