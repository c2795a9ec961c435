"""Pure: why a service was not given, by weights that were learned of cues and words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from indexers.model import Family
from indexers.rules.choosing import Chooser, Signs, load_choices, points
from indexers.rules.signs import words_of

_LONG = 2000  # characters of a text that may tell
_ENOUGH = 0.4  # of a reason that no cue shows, words alone do

# Strong cues alone decide between reasons; a code of docs/events.md each.
_CUES: tuple[tuple[str, str], ...] = (
    ("student_absent", r"\b(?:student|child|he|she|they|kiddo|s/he)\b.{0,14}\b(?:was |were |is )?"
     r"(?:absent|home sick|out sick|home with|not at school|not on campus|suspended"
     r"|in (?:the )?hospital)"
     r"|student absen|absence of (?:the )?student|(?:\A|\|"
     r"|[\d,.:;-]\s?)\s*(?:student )?abs(?:ent)?\b"
     r"|\bn/s[^|]{0,6},? abs\b|stayed home|kept (?:him|her|them) home|student no-show"
     r"|parent (?:kept"
     r"|picked)|(?:his|her|their) (?:own )?(?:dentist|doctor|orthodont|appointment)"
     r"|student (?:at|in|out"
     r"|ill|left)|suspended|orthodont|(?:he|she|they) had (?:a |an |his |her )?(?:appointment"
     r"|doctor"
     r"|dentist)|track meet|clinic all day|at (?:neurology|cardiology|the hospital)|out of school"
     r"|family (?:at|trip|vacation)|home today|febrile|was home (?:sick|asleep)|could not attend"),
    ("closure", r"\bsnow|\bice\b|\bicy\b|\bfog\b|early (?:release|dismissal)|early dismiss"
     r"|dismissal"
     r"|(?:school|building|bldg|campus|district|lot) (?:was |is |being )?(?:closed|shut)"
     r"|closure|\bclosed"
     r"\b(?! out)|shut (?:for|on|down)|doors locked|power (?:outage|failure|out)|storm"
     r"|hurricane|tornado"
     r"|flood|weather|strike\b|delayed (?:start|opening)|hour delay|\bdelay (?:ate|day)"
     r"|gas (?:smell"
     r"|leak)|evacuat|outage|water main|no heat\b|heat day|smoke day|whole building"),
    ("vacancy", r"vacan|\b(?:unfilled|not filled|not been filled)\b|(?:position|post|job|case"
     r"|seat|chair)"
     r" (?:is|was|remains|has been|sits|stood|is still|standing)? ?(?:still )?(?:open|empty"
     r"|posted|unfilled"
     r"|vacant)|posted (?:but|as) open|no (?:one|body|person|therapist|counselor|nurse|aide"
     r"|teacher|tutor"
     r"|provider|clinician)s? (?:was |is |has been )?(?:employed|hired|assigned|attached"
     r"|available to hire)"
     r"|nobody (?:in (?:the|that) (?:job|position|post|chair|room|seat)|assigned|to give it"
     r"|licensed"
     r"|has (?:the|that) job|yet hired)|(?:still|there is|there['’]?s) (?:still )?(?:nobody"
     r"|no one)\b"
     r"|resign|replacement|haven['’]?t (?:found|hired)|hasn['’]?t (?:sent|hired|found|filled"
     r"|been filled)"
     r"|(?:looking|hiring|advertis\w+|recruit\w+) (?:for|to fill)|left the (?:district|school"
     r"|agency)"
     r"|until (?:we|they) (?:hire|fill)|took a (?:position|job)|no tutor\b|without anybody since"
     r"|not (?:yet )?(?:been )?(?:replaced|hired)|gave notice|caseload (?:is )?(?:un|with no)"
     r"|\bVAC\b"
     r"|no (?:one|body) employed|(?:no|nobody) in the (?:job|post|chair)|staff(?:ing)? shortage"),
    ("school_event", r"assembl|\bfield (?:trip|day)|\btesting\b(?! another student)|\bproctor"
     r"|\btests? "
     r"window|state (?:test|writing|reading|math|assessment)|\bMAP\b(?= |s)|STAAR|benchmark|picture"
     r" day|pep rally|book fair|concert|rehears|parade|\bIEPs?\b(?= (?:meeting|for|of|all))"
     r"|\bmeetings?\b"
     r"|\bmtgs?\b|staffing\b(?! shortage)|annual reviews?|pulled in(?:to)? (?:a |an |other "
     r"|another |for )?"
     r"|\bARDs?\b|\b504 (?:until|meeting|for)|award|program in the gym|lockdown|\bdrill"
     r"|kindergarten"
     r" (?:orient|round)|car ?line|registration|chaperon|festival|spirit|\bbeach\b|\bauthor\b"
     r"|class party"
     r"|in use\b|dress re|musical|\bchoir\b|\bplay practice|stuck in (?:a |somebody|another)"
     r"|conference"
     r" (?:ran|with another)|evaluations? (?:all|that)|\bassessment instead|went to the assessment"
     r"|graduation practice|talent show|carnival|election day|took over (?:my|our|the) (?:room"
     r"|office"
     r"|class|gym)|not release"),
    ("not_scheduled", r"not (?:on|in) (?:the|his|her|their|my) (?:schedule|timetable|caseload"
     r"|roster|list)"
     r"|(?:wasn['’]?t|weren['’]?t|not) on (?:the|his|her|my|our|any) "
     r"|never (?:been )?(?:scheduled|started"
     r"|begun|put|set up|implemented|told)|not (?:yet )?(?:been )?(?:scheduled|started|begun"
     r"|implemented"
     r"|in place|built)|nobody (?:told|knew)|did ?n['’]?t know|didnt know"
     r"|schedul\w+ (?:conflict|error"
     r"|mistake|is still|was not|isn)|\bforgot|slipped my|without (?:the|his|her|any) (?:\w+ ){0,2}"
     r"(?:accommodation|break|timer|device|mic)|wasn['’]?t given|not (?:offered|provided"
     r"|afforded)|told to"
     r" (?:wait|sit)|same to everybody|did not go in|roster|screeners|still being (?:built"
     r"|made)|wrong list"
     r"|had (?:the wrong|a name)|calendar put me|kept off|no form|paperwork|not (?:signed"
     r"|authori[sz]ed)"
     r"|authori[sz]ation|my fault|on me\b|by hand\b|in the drawer|in a crowded"),
    ("provider_absent", r"\bout\b(?! of (?:the )?(?:jar|drawer|class|room))|\bsick\b|\bill\b"
     r"|\bflu\b|strep"
     r"|fever|covid|stomach|absent|on leave|maternity|paternity|bereave|funeral|jury|deposition"
     r"|training"
     r"|trained on|in-?service|workshop|seminar|recert|conference\b|PD day"
     r"|professional (?:development"
     r"|day)|called (?:in|out|off)|\baway\b|at (?:another|the other|a different) (?:school"
     r"|campus|building)"
     r"|cover(?:ing|ed)? (?:for|a|an|another|lunch|class|the office)|subb?ing|no sub\b"
     r"|substitut|\bsub desk"
     r"|not here|(?:was|is|be) (?:not |n['’]t )?(?:here|in|available)\b|gone\b|doctor|dentist"
     r"|\bappt"
     r"|appointment|surgery|pulled (?:to|away|out|from)|loaned|borrow|reassigned|sent (?:me|him"
     r"|her)?"
     r" ?(?:over |out )?to\b|office sent|front desk|answering phones|up front|new[- ]hire"
     r"|new employee"
     r"|at the (?:district|county|central|other|high school|middle school)|kept at|car (?:quit"
     r"|would)|flat"
     r" tire|breakdown|vacation|personal day|family emergency|at home with|no operator"
     r"|no driver|baby|little"
     r" (?:one|boy|guy|girl)|home with|no ha venido|enferm[ao]|agency['’]s|no one (?:came|took)"
     r"|nobody came"
     r"|(?:was|were) not replaced|took (?:a|his|her) day|crisis"),
)  # fmt: skip
_BROKEN = re.compile(
    r"\b(?:broke|broken|died|dead|batter\w+|won['’]t (?:open|turn|charge)|license|cracked|repair"
    r"|not working|network|logged everybody out|waiting on a part|heater)\b",
    re.I,
)
_COMPILED = tuple((code, re.compile(pattern, re.I)) for code, pattern in _CUES)


@dataclass(frozen=True, slots=True)
class Lost:
    """A session that was missed, with what may say why; "" where there is nothing."""

    clause: str  # of its day
    sentence: str
    before: str
    after: str
    beginning: str  # of the letter
    subject: str
    row: bool  # of a table
    service: str | None
    author: str  # role of who writes


def pick_reason(at: Lost, family: Family, chooser: Chooser | None = None) -> str:
    """Why a session was missed, as a code of docs/events.md; "unknown" where no words tell enough.

    Args:
        at: the session.
        family: whose names are no words.
        chooser: another than what ships, for training and tests.
    """
    if at.service == "accommodation":
        return "unknown" if _is_broken(at) else "not_scheduled"  # not implemented (docs/events.md)
    signs = reason_signs(at, family)
    code, chance = (chooser or load_choices()["reason"]).surest(signs)
    without_cue = "nothing" in signs.pointers.get("unknown", {})
    return "unknown" if without_cue and chance < _ENOUGH else code


def reason_signs(at: Lost, family: Family) -> Signs:
    """What points to a reason: cues near and far, the words, whose loss it is and who tells."""
    found: list[tuple[str, Sequence[str], float]] = [
        (place, [code], 1.0)
        for place, text in (
            ("clause", at.clause),
            ("row" if at.row else "sentence", at.sentence),
            ("before", at.before),
            ("after", at.after),
            ("beginning", at.beginning),
            ("subject", at.subject),
        )
        for code in _cues(text[:_LONG])
    ]
    shown = {code for _, (code,), _ in found}
    if not shown:
        found.append(("nothing", ["unknown"], 1.0))
    texts = {"": at.sentence, "<": at.before, ">": at.after, "h:": at.subject}
    words = words_of(texts, family, pairs=("",))
    words |= {f"service={at.service}", f"author={at.author}", f"broken={_is_broken(at)}"}
    words |= {f"{code} for {at.service}" for code in shown}
    return Signs(frozenset(words), points(found))


def _is_broken(at: Lost) -> bool:
    return any(_BROKEN.search(text) for text in (at.clause, at.sentence))


@lru_cache(maxsize=512)
def _cues(text: str) -> tuple[str, ...]:
    return tuple(code for code, pattern in _COMPILED if pattern.search(text))
