"""Pure: which service of an IEP a text speaks of, for how long, and why one was not given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from indexers.model import Family
from indexers.rules.providers import find_name, provider_names

# In order: the more particular before the more general. Codes are those of docs/events.md.
_SERVICES: tuple[tuple[str, str], ...] = (
    ("esy", r"ESY|(?i:extended school year|summer (?:school|session))"),
    ("ape", r"APE\b|(?i:adapt(?:ed|ive) (?:PE|gym|phys(?:ical)? ed\w*)|special gym)"),
    ("mobility", r"O ?& ?M\b|(?i:orientation (?:and|&) mobility|cane (?:travel|lesson)"
     r"|white cane)"),
    ("speech", r"SLPA?\b|SL(?= (?:notes|log|min))|(?i:speech(?! device)|\bsp\b(?!\.? ?ed)"
     r"|artic(?:ulation)?\b"
     r"|\blang(?:uage)?\b(?! arts)(?!\W+(?:as|is|in|of)\b)|\bhabla\b|fluency group|\bSLT\b"
     r"|stutter\w*)"),
    ("ot", r"\bO\.?T\.?s?\b|COTA\b|OTR\b|(?i:occupational|fine motor|handwriting (?:group|time))"),
    ("pt", r"\bP\.?T\.?s?\b(?!A)|\bDPT\b|(?i:physical therap\w*|gait trainer|\bstander\b"
     r"|terapia f[ií]sica)"),
    ("interpreter", r"\bCART\b|(?i:interpret(?:er|ing)\w*|\bASL\b|caption(?:er|ist|ing)s?\b"
     r"|caption (?:lady|man|person)|sign(?:ed|ing|s)? (?:for (?:him|her|them)|language)"
     r"|nobody signing|c-print|transliterat\w*)"),
    ("hearing", r"\bTOD\b|\bDHH\b|(?i:teacher of the deaf|deaf ed\w*"
     r"|hearing (?:itinerant|service|support|teacher)|audiolog\w*)"),
    ("vision", r"\bTVI\b|(?i:vision (?:teacher|itinerant|service|support)|braille)"),
    ("nursing", r"\bRN\b|\bLPN\b|\bCSN\b|(?i:nurs(?:e|es|ing)|cath(?:eter\w*)?\b|g-?tube"
     r"|feeding tube|insulin|seizure (?:med|plan)|rescue med\w*|diastat|tube feed\w*|suction\w*"
     r"|enfermera|health aide)"),
    ("behavior", r"\bBCBA\b|\bRBT\b|\bABA\b|(?i:behavior (?:specialist|support|analyst|tech\w*|plan"
     r"|consult\w*|coach)|\bBIP\b|check-?in (?:card|sheet|/)|point sheet|cool-?down (?:pass"
     r"|spot))"),
    ("social_work", r"\bLCSW\b|\bLICSW\b|\bMSW\b|(?i:social work\w*|school social)"),
    ("psych", r"(?i:psycholog\w*|school psych\w*)"),
    ("counseling", r"(?i:counsel(?:ing|or|ling|lor)\w*|check-?ins?\b(?! (?:card|sheet))"
     r"|social (?:skills )?group|lunch bunch|feelings group|sit-?downs?\b|consejer[ao])"),
    ("assistive_tech", r"\bAAC\b|\bSGD\b|\bAT\b(?= (?:consult|support|minutes|session|hour))"
     r"|(?i:assistive tech\w*|communication device|talker\b|speech device|eye[ -]?gaze"
     r"|text-to-speech|\bmic(?:rophone)?s?\b|transmitter|(?:FM|DM) (?:system|unit)|roger pen)"),
    ("aide", r"\bEA\b|\bTA\b|\bIA\b|(?i:\baides?\b|(?<!persuasive )\bparas?\b(?! (?:la|el|que|mi|su"
     r"|los|las|ella|[eé]l|un|una|hablar|ver|que)\b)|parapro\w*|one[- ]on[- ]one|(?<!\d)1:1(?!\d)"
     r"|shadow\b|paraeducator|(?:instructional|classroom|teacher'?s) assistant|support person"
     r"|in-class support|\bhelper\b|second adult|another adult|extra (?:adult|hands|pair)|grown-up"
     r"|just (?:been )?me (?:and|w|with|in)\b|only me in|by (?:him|her|them) ?sel(?:f|ves)"
     r"|on (?:his|her|their) own|solo act|ayudante|la que (?:la|lo) cuida|adult (?:support|with))"),
    ("transport", r"(?i:(?<!on the )(?<!on that )(?<!rode the )\bbus(?:es)?\b|\bvan\b|minivan"
     r"|transport\w*|\bdriver|\bdriving\b"
     r"|\bro?u?te\.? ?\d|door-to-door|wheelchair lift|pick(?:ed)? (?:him|her|them) up"
     r"|never picked|bus pick-?up|\brides?\b(?: home)?|\brider\b|\bdispatch(?:er)?\b|\btrip:"
     r"|\bstop (?:not|off)\b"
     r"|the taxi|autob[uú]s|camioneta|carry (?:him|her) over)"),
    ("resource", r"\bSDI\b|\bRSP\b|\bVE\b|(?i:resource|specially designed|pull[- ]?out|push[- ]?in"
     r"|wilson\b|orton|dyslexia|intervention(?:ist)?|tutor\w*|small gro?u?ps?\b(?! (?:list"
     r"|test\w*|setting))"
     r"|special ed(?:ucation)? (?:teacher|minutes|time|math|reading)|inclusion (?:teacher|support)"
     r"|co-?teach\w*|learning (?:support|center|lab)|decoding|phonics"
     r"|(?:reading|math|writing) (?:group|gro?u?p|interv\w*|specialist|lesson|block|minutes|session"
     r"|therap\w*|support|help|time)|\b(?:reading|math|writing)(?=:)|(?:her|his|their|our"
     r"|my) (?:reading )?gro?u?ps?\b)"),
    ("accommodation", r"(?i:accommodat\w*|extended time|extra (?:time|minutes)\b"
     r"|standard clock|read[- ]aloud|read (?:it |the \w+ |that )?(?:aloud )?to (?:him|her|them)"
     r"|(?:read|reads) (?:it|them) aloud|preferential seat\w*|sensory (?:break|room|bin)"
     r"|movement break|break (?:card|pass)|breaks? card|large print|graphic organizer"
     r"|notes? (?:provided|taker)|calculator|small[- ]group (?:testing|test|list|setting)"
     r"|audio ?books?"
     r"|modified (?:test|quiz|work)|visual (?:timer|schedule)|headphones?\b|fidget|captions\b"
     r"|word bank|scribe|noise[- ]cancel\w*|wiggle seat|quiet (?:room|space)"
     r"|(?:quiz|test|exam|assessment)\b.{0,60}\b(?:same|everybody|everyone|others|alone))"),
    ("other", r"(?i:job coach\w*|\bcoaching\b|vocational|work[- ]based|\bWBL\b|music therap\w*"
     r"|parent training|travel training|recreation therap\w*)"),
)  # fmt: skip
# Words of a subject or a thing: they tell the service where nothing better does.
_FAINT: tuple[tuple[str, str], ...] = (
    ("resource", r"(?i:\b(?:reading|math|writing|lessons?|spelling|fractions?|decimals?"
     r"|multiplication|integers"
     r"|algebra|number line|vowels?|paragraphs?|comprehension|fluency|worksheets?"
     r"|word problems?)\b)"),
    ("accommodation", r"(?i:\b(?:quiz|exam|the test|state test|timer|a test|ACT|SAT)\b)"),
    ("counseling", r"(?i:\bour talk\b|\bhis talk\b|\bher talk\b|\bsnack group\b)"),
    ("assistive_tech", r"(?i:\b(?:device|tablet|batter(?:y|ies)|screen|cardboard)\b)"),
)  # fmt: skip
_COMPILED = tuple((code, re.compile(rf"\b(?:{pattern})")) for code, pattern in _SERVICES)
# Most sentences name no service: one search tells so, and where the first can stand.
_ANY = re.compile(rf"\b(?:{'|'.join(pattern for _, pattern in _SERVICES)})")
_FAINTLY = tuple((code, re.compile(pattern)) for code, pattern in _FAINT)

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
    found = dict(find_places(text))
    for service in family.services:
        for name in provider_names(service.provider):
            at = find_name(name, text)
            if at is not None and service.service not in found:
                found[service.service] = at
    return sorted(found, key=lambda code: found[code])


@lru_cache(maxsize=2048)
def find_places(text: str) -> Mapping[str, int]:
    """Where a text first names each service by its own words, by code."""
    first = _ANY.search(text)
    if first is None:
        return {}
    at = first.start()
    found = {
        code: match.start() for code, pattern in _COMPILED if (match := pattern.search(text, at))
    }
    # A "1:1 nurse" is a nurse, a "bus aide" is an aide, and a "speech aide" too.
    if (
        "aide" in found
        and re.match(r"1:1|one[- ]on[- ]one", text[found["aide"] :], re.I)
        and (len(found) > 1)
    ):
        del found["aide"]
    return found


def find_faintly(text: str) -> list[str]:
    """Codes that words of a subject or a thing hint at: "math", "the quiz"."""
    return list(faint_places(text))


@lru_cache(maxsize=2048)
def faint_places(text: str) -> Mapping[str, int]:
    """Where those words first stand, by code."""
    return {code: match.start() for code, pattern in _FAINTLY if (match := pattern.search(text))}


def find_reason(text: str) -> str:
    """Why a service was not given, as far as the text says; a code of docs/events.md."""
    return next((code for code, pattern in _REASONS if pattern.search(text)), "unknown")
