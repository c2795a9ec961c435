"""Pure: what is done in a session, which tells the service where nobody names it."""

from __future__ import annotations

import re
from functools import lru_cache

# Things and doings of one trade. What two trades share ("the ball", "the device") is left out.
_DONE: tuple[tuple[str, str], ...] = (
    ("speech", r"articul\w*|phonolog\w*|minimal pairs|vocalic|lisp|fluency (?:shap\w+|strateg\w+)"
     r"|sounds? (?:cards?|work|in (?:isolation|words))|[/'\"][rslkg]h?[/'\"] (?:words?|sounds?)"
     r"|(?:r|s|l|k|sh|ch|th) (?:words|sounds|blends)|wh[- ]questions|pragmatics?|utteranc\w+|mlu"
     r"|barrier game|story grammar|slp'?s?|speech[- ]?(?:language|path\w*)|ccc"),
    ("ot", r"swings?|theraputty|putty|pencil grip\w*|scissors?|cutting|lacing|buttons?|zippers?"
     r"|shoe ?laces|handwriting|weighted (?:vest|lap pad|blanket)|sensory (?:diet|gym|path)"
     r"|bilateral|visual[- ]motor|in-hand|cota|otr|keyboarding"),
    ("pt", r"gait|walker|stander|standing frame|balance beam|stairs?|treadmill|orthotics?|afos?"
     r"|crutch\w*|gross motor|wheelchair (?:skills|push\w*)|stretch(?:es|ing)|range of motion"
     r"|hamstrings?|dpt|physio\w*"),
    ("nursing", r"cath(?:ed|s|eter\w*|ing)?|cic|g-?tubes?|j-?tubes?|feeds?|bolus|glucose|insulin"
     r"|carbs?|pump|dexcom|sensor|blood sugar|nebuli[sz]\w*|inhaler|suction\w*|trach\w*|seizures?"
     r"|diastat|midazolam|meds?|medicat\w+|shots?|vitals|bsn|units of|diaper\w*|ostomy"),
    ("vision", r"braill\w+|abacus|tvi|perkins|slate and stylus|magnifier|cctv|nemeth|contractions"
     r"|large[- ]print|screen reader|jaws"),
    ("mobility", r"cane|crossings?|routes? (?:to|from|travel)|street cross\w*|o ?& ?m|coms"
     r"|travel lesson\w*|intersections?"),
    ("hearing", r"cochlear|hearing aids?|ear ?molds?|ling (?:six|6|sounds)|audiogram"
     r"|fm (?:check|unit)|auditory (?:training|discrimination)|tod|dhh|remote mic\w*"),
    ("interpreter", r"interpret\w*|asl|voiced for|signed|captions?|captioners?|cart|c-print|cued"
     r"|transliterat\w*"),
    ("counseling", r"coping|worry (?:jar|box|list)|feelings (?:chart|wheel|thermometer)|zones"
     r"|social skills|friendship group|lunch bunch|anxiety|lpc|guidance"),
    ("behavior", r"bcba|rbt|fba|bip|token (?:board|economy)|reinforc\w+|behavior (?:plan|chart"
     r"|data)|antecedent\w*|de-escalat\w*|abc data|functional communication"),
    ("resource", r"decod\w+|phonics|sight words|syllables?|fractions?|multiplication|decimals"
     r"|comprehension|paragraphs?|spelling|wilson|orton|fundations|barton|number (?:line|sense)"
     r"|chapters?|equations?|integers|essays?|phonem\w+|sdi|reading (?:group|lesson)|math group"
     r"|licensed special educat\w+|special educat(?:or|ion teacher)|case manager"),
    ("ape", r"gym|p\.?e\.?|kickball|scooter board|bowling|locomotor|swim\w*|pool|adapted"),
    ("transport", r"bus(?:es)?|van|lift|route|driver|pick(?:ed)? ?up|drop(?:ped)?[- ]?off|curb"
     r"|harness|monitor|garage|dispatch\w*|ride"),
    ("aide", r"para\w*|aides?|one[- ]to[- ]one|1:1|shadow\w*|solo|by (?:him|her|them)sel(?:f|ves)"
     r"|alone|lunch duty|substitute para|support staff|toileting|hallways?"
     r"|assistant(?! principal| director| superint\w+)|reader"),
    ("accommodation", r"extended time|extra time|time and a half|read(?:ing)? (?:aloud|it to)"
     r"|headphones|breaks? (?:card|pass)|calculator|word bank|notes|seat(?:ed|ing)?|scribe"
     r"|quiz\w*|tests?|exam\w*|copies|enlarged|fidget|timer"),
    ("assistive_tech", r"aac|talker|eye[- ]?gaze|proloquo\w*|touchchat|lamp words|nova ?chat"
     r"|word prediction|speech[- ]to[- ]text|text[- ]to[- ]speech|switch(?:es)?|tobii|tablet"),
    ("social_work", r"lcsw|licsw|msw|social worker|home visit"),
    ("psych", r"school psych\w*|nasp|ncsp"),
)  # fmt: skip
_PATTERNS = tuple((code, re.compile(rf"(?<!\w)(?:{p})(?!\w)", re.I)) for code, p in _DONE)
_LONG = 2000  # characters of a text that may tell


@lru_cache(maxsize=2048)
def activities(text: str) -> tuple[str, ...]:
    """Services whose doings a text speaks of: the most often first, then the first named."""
    found = []
    for code, pattern in _PATTERNS:
        places = [match.start() for match in pattern.finditer(text[:_LONG])]
        if places:
            found.append((-len(places), places[0], code))
    return tuple(code for _, _, code in sorted(found))
