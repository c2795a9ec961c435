"""Pure: the pieces that dates are written with, as patterns. English, and common Spanish.

Hurried people write "yest", "Weds", "9/17", "wk of 3/2", "M-W-F" and "tomorow"; all of these are
read. What looks like a date and is none ("3/4 cup", "the 5th grade", "24/7") is kept out here.
"""

from __future__ import annotations

import re

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan", "enero"), ("february", "feb", "febrero"), ("march", "mar", "marzo"),
            ("april", "apr", "abril"), ("may", "mayo"), ("june", "jun", "junio"),
            ("july", "jul", "julio"), ("august", "aug", "agosto"),
            ("september", "sept", "sep", "septiembre"), ("october", "oct", "octubre"),
            ("november", "nov", "noviembre"), ("december", "dec", "diciembre"),
        ),
        1,
    )
    for name in names
}  # fmt: skip
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            ("monday", "mon", "lunes"), ("tuesday", "tues", "tue", "martes", "tuesdy"),
            ("wednesday", "weds", "wens", "wed", "miercoles", "miércoles", "wensday", "wednsday"),
            ("thursday", "thurs", "thur", "thu", "jueves", "thrusday"),
            ("friday", "fri", "viernes"), ("saturday", "sat", "sabado", "sábado"),
            ("sunday", "sun", "domingo"),
        )
    )
    for name in names
}  # fmt: skip
LETTERS = {"m": 0, "mo": 0, "t": 1, "tu": 1, "w": 2, "th": 3, "r": 3, "f": 4, "fr": 4}
NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "couple": 2, "un": 1, "una": 1, "dos": 2, "tres": 3,
}  # fmt: skip
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13,
    "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18,
    "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
ORDINALS |= {f"twenty-{word}": 20 + ORDINALS[word] for word in list(ORDINALS)[:9]}
ORDINALS["thirty-first"] = 31
# Feast days that move: month, weekday, and which of the month (-1: the last).
MOVING = {
    "thanksgiving": (11, 3, 4), "labor day": (9, 0, 1), "memorial day": (5, 0, -1),
    "mlk": (1, 0, 3), "presidents day": (2, 0, 3), "columbus day": (10, 0, 2),
}  # fmt: skip
FEASTS = "|".join(name.replace(" ", r"\s") for name in MOVING)
# What each way to say a day means, in days from the day of writing.
RELATIVE = {
    "yesterday": -1, "today": 0, "tomorrow": 1, "before": -2, "after": 2,
}  # fmt: skip

_ORDINAL = rf"(?<![\w-])(?:{'|'.join(sorted(ORDINALS, key=len, reverse=True))})(?![\w-])"
_MONTH = rf"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b\.?"
_WEEKDAY = rf"(?:{'|'.join(sorted(WEEKDAYS, key=len, reverse=True))})"
_NUMBER = rf"(?:\d{{1,2}}|{'|'.join(NUMBERS)})"
_YEAR = r"(?:,?\s{1,3}(?:de(?:l)?\s)?(?:19|20)\d\d\b)"
_LETTER = r"(?:Mo|M|Tu|Th|T|W|R|Fr|F)"

ATOM = re.compile(
    rf"""
    (?<![\w/.$#:-])(?P<iso>20\d\d-\d\d-\d\d)(?![\w/-])
    |(?<![\w/.$#:])(?P<dotted>\d{{1,2}}\.\d{{1,2}}\.)(?=\s?[:,;)]|\s\w|\Z)
    |(?<![\w/.$#:])(?P<slash>\d{{1,2}}/\d{{1,2}}(?:/(?:19|20)?\d\d)?)(?![\w/%]|\.\d)
    |(?<![\w/.$#:-])(?P<dashed>\d{{1,2}}-\d{{1,2}}-(?:19|20)?\d\d)(?![\w/%-]|\.\d)
    |\b(?P<weekof>(?:the\s)?(?:weeks?|wks?\.?|semana)\s{{1,2}}(?:of|beginning|starting|del?)\s
        (?:the\s|{_WEEKDAY}\b,?\s(?:the\s)?)?)
    |\b(?P<spelled>(?P<sp_day>{_ORDINAL})\sof\s(?P<sp_month>{_MONTH}))
    |\b(?P<said>the\s(?P<sa_day>{_ORDINAL})
        (?=[,.;:)]|\sand\b|\s(?:i|he|she|we|they|it|there|nobody|was)\b|\Z))
    |[(:]\s?(?P<bare>\d{{1,2}}(?:(?:,\s?(?:and\s|&\s)?|\s(?:and|&)\s)\d{{1,2}}){{1,24}})(?=[).;]|\Z)
    |\b(?P<beside>(?:(?P<be_first>{_WEEKDAY})(?:,\s|\s(?:and|&)\s)(?:the\s)?)?(?P<be_name>{_WEEKDAY})\s(?P<be_side>before|after|of)\s(?P<be_feast>{FEASTS})
        (?:\sday|\sweek|\sbreak)?)\b
    |\b(?P<firstweeks>(?:the\s)?first\s(?:(?P<weeks>\w{{2,5}})\s)?weeks?\s(?:of|in)\s
        (?P<weeksmonth>{_MONTH}))
    |\b(?P<allmonth>(?:all\s(?:of\s)?|throughout\s|(?:the\s)?(?:whole|entire)\smonth\sof\s)
        (?P<wholemonth>{_MONTH})(?!\s*\d))
    |(?:\A|(?<=\n))(?P<monthhead>(?P<headmonth>{_MONTH})(?=\s?:))
    |\b(?P<weekdays>(?:the\s)?(?:(?:last|past)\s)?(?P<wd_number>{_NUMBER})\s(?!(?:tues|weds|wens|thurs)\b)(?P<wd_name>{_WEEKDAY})s
        (?P<wd_ago>\sago)?(?P<wd_run>\s(?:running|straight|in\sa\srow))?)\b
    |\b(?P<allthose>(?:every|each|all\s(?:(?:of\s)?the\s)?(?:four\s|five\s)?)\s?(?P<at_name>{_WEEKDAY})s?
        \s(?:in|of)\s(?P<at_month>{_MONTH})(?!\s*\d))
    |\b(?P<weekago>(?P<wa_name>{_WEEKDAY})\s(?P<wa_number>{_NUMBER})\sweeks?\sago)\b
    |\b(?P<weekfrom>(?P<wf_number>{_NUMBER})\sweeks?\sfrom\s(?P<wf_name>{_WEEKDAY}|today|tomorrow))\b
    |\b(?P<hace>hace\s(?P<hace_number>{_NUMBER})\sd[ií]as)\b
    |(?<![\d:/.])\b(?P<daymonth>(?:(?P<dm_from>\d{{1,2}})(?:st|nd|rd|th)?
        (?:\s?[-–]\s?|\s(?:al|to|through|thru)\s(?:the\s|el\s)?)
        |(?P<dm_list>(?:\d{{1,2}}(?:st|nd|rd|th)?(?:\s?,\s?(?:and\s)?|\s(?:and|y|&)\s)(?:the\s|el\s)?)
        {{1,14}}))?(?P<dm_day>\d{{1,2}})(?:st|nd|rd|th)?\s{{1,2}}(?:day\s)?(?:of\s|de\s)?
        (?P<dm_month>{_MONTH})(?P<dm_year>{_YEAR})?)(?!\w)
    |\b(?P<named>(?P<nd_month>{_MONTH})\s{{0,3}}(?P<nd_day>\d{{1,2}})(?:st|nd|rd|th)?
        (?!\d|:\d|\s?(?:am|pm)\b|/\d|%|\s?min)(?P<nd_year>{_YEAR})?)
    |\b(?P<ago>(?P<ago_number>{_NUMBER})(?:\s(?:of|or\stwo|or\sthree))?\s(?P<ago_unit>days?|weeks?)
        \sago(?:\s(?:on\s)?(?P<ago_weekday>{_WEEKDAY})\b)?)
    |\b(?P<pastweeks>(?:(?:(?:the|these|for)\s)?(?:last|past)|these\sfirst)\s(?P<past_number>\w{{2,5}})\sweeks)\b
    |\b(?P<weekbefore>(?:the\s)?week\sbefore\slast)\b
    |\b(?P<week>(?:all\s(?:of\s)?|the\swhole\sof\s)?
        (?:this|last|next|past|coming|la(?=\ssemana\spasada)|esta|toda\sla|la\spr[oó]xima)\s
        (?:past\s|coming\s|whole\s|entire\s)?(?:school\s)?(?:week|wk|semana)
        (?:\spasada)?(?!\s?(?:end|day)))\b
    |\b(?P<allweek>all\s(?:the\s)?(?:week|wk))(?!\s?end|s)\b
    |\b(?P<before>(?:the\s)?day\sbefore\syesterday|anteayer|antier)\b
    |\b(?P<after>(?:the\s)?day\safter\stomorrow|pasado\smañana)\b
    |\b(?P<yesterday>yest(?:er-|[eua]?r?)days?|yest\b\.?|last\s(?:night|evening)
        |ayer|anoche)\b
    |\b(?P<tomorrow>tomm?orr?ow|tmrw|tmw|2morrow|(?<!la\s)(?<!esta\s)(?<!por\s)mañana)\b
    |\b(?P<today>today|2day|tonight|tonite|just\snow|right\snow|the\spresent(?:\sdate|\stime)?|to\sdate|the\sdate\sof\s(?:filing|this\s(?:letter|writing|complaint|request))
        |(?<!-)to-day|this\s(?:mornin[g'’]?|afternoon|evening|aft|a\.?m\b\.?|p\.?m\b\.?)|hoy|esta\s(?:mañana|tarde))
        (?!\w)
    |\b(?P<weekday>(?:(?P<which>last|this\spast|this\scoming|past|this|next|coming|every|each|most
        |any|no|on|el\spr[oó]ximo)\s{{1,2}})?(?P<weekday_name>{_WEEKDAY})(?:\b|(?=s\b))
        (?P<plural>s\b)?(?P<weekday_after>\s(?:before(?:\slast|\sthat)?|pasado|que\sviene
        |last(?=[,.;)]|\Z)))?)
    |\b(?P<letters>{_LETTER}(?:(?:(?:\s?[/+&-]\s?|,\s(?:and\s)?|\sand\s){_LETTER}){{1,4}}|(?:\s{_LETTER}){{2,4}}))(?![\w/'’&-])
    |(?:\A|(?<=[,;.]\s)|(?<=:\s))(?P<letter>{_LETTER})(?=\s(?:\d{{2}}\b|n/s|no\s|yes|ns\b|-\s|0\b|abs))
    |\b(?P<ordinal>\d{{1,2}})(?:st|nd|rd|th)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)

MORE = re.compile(
    r"(?P<and>\s{0,2},\s{0,2}(?:and\s|or\s|&\s)?(?:again\s)?(?:on\s)?|\s(?:and|or|y)\s(?:again\s)?"
    r"(?:on\s)?|\s?[&+]\s?)(?:the\s)?(?P<number>\d{1,2})(?:st|nd|rd|th)?"
    r"(?![\w/%]|[.:]\d|\s?(?:am|pm|a\.m|p\.m|mins?|minutes|hours?|hrs?|times?|stud|kids?|of\b"
    r"|sessions?|weeks?|days?|%|goals?|visits?|o'?clock|for|more)\b|-\d)"
)
UP_TO = re.compile(
    r"(?:\s?[-–—]\s?|\s(?:to|through|thru|until|till|al|hasta)\s(?:the\s)?)(?P<number>\d{1,2})"
    r"(?:st|nd|rd|th)?(?![\w/%:]|[.:]\d|\s?(?:am|pm|a\.m|p\.m|mins?|minutes)\b)"
)
SECTION = re.compile(r"\s?[A-Z][a-z]")  # "1.2. Goals"
NUMBERED = re.compile(  # "Tue 16", "Mondays 4, 11 and 18", "Tuesdays (7, 14)"
    r"\.?,?\s{1,2}(?:the\s)?\(?(?P<number>\d{1,2})(?![\w/:%]|[.]\d|-\d|\s?(?:am|pm|a\.m|p\.m|mins?"
    r"|minutes|hours?|hrs?|times?|of\b|to\b|kids?|stud|sessions?|weeks?|days?|o'?clock)\b)"
)
AND_BEFORE = re.compile(r"\sand\sthe\s(?:one|week|time)\sbefore(?:\sthat)?\b", re.I)
# What tells which month's day is meant: "Friday the 13th", "Thursday last, the 14th", "the 28th, a
# Tuesday", "the 8th, so nobody that Friday", "from the 27th on, Thursdays are empty".
WEEKDAY_BEFORE = re.compile(
    rf"\b(?!(?:sat|sun|mar)\b)(?P<name>{_WEEKDAY})\b\.?(?:\slast)?,?\s(?:the\s)?\Z", re.I
)
WEEKDAY_BEHIND = re.compile(
    rf"(?:,?\s(?:which\s(?:is|was)\s)?an?\s|[^.;!?]{{0,60}}?\bthat\s)(?P<name>{_WEEKDAY})\b"
    rf"|[^.;!?]{{0,40}}?\b(?P<names>{_WEEKDAY})s\b",
    re.I,
)
SEATED = re.compile(r"\s(?:in|on|at|with|down|through|for|out|there|by|and|next)\b")  # "Sat in"
FINAL = re.compile(
    r"\b(?:was|is|be|been)\s(?:my|our|his|her|their)\s\Z", re.I
)  # "our last Thursday"
YEAR_AFTER = re.compile(r",?\s{1,3}(?:de(?:l)?\s)?(?P<year>(?:19|20)\d\d)\b(?!-)")

LIST_GAP = re.compile(
    r"\s*(?:,|&|\+|/|\band\b|\bor\b|\by\b|\bplus\b|\bnor\b|\band\s+again\b|\bthen\b|,\s*and\b"
    r"|,\s*or\b|,\s*and\s+again\b|\band\s+now\b|,\s*and\s+now\b|,?\s*again\b|\bnot\b)?\s*"
    rf"(?:on\s+)?(?:the\s+|el\s+)?(?:{_WEEKDAY}\b\.?,?\s+)?",
    re.I,
)
RANGE_GAP = re.compile(
    r"\s*(?:-|–|—|\b(?:(?:straight|right|all\s+the\s+way|clear|up)\s+)?(?:to|through|thru|until"
    r"|till|til|hasta)\b(?:\s+at\s+least\b)?|\bal\b|\bthrough\s+to\b|,?\s*(?:straight|right)\s+through(?:\s+to)?\b)\s*"
    rf"(?:on\s+)?(?:the\s+|el\s+)?(?:{_WEEKDAY}\b\.?,?\s+)?",
    re.I,
)
BESIDE_GAP = re.compile(r"\s*[,(:]?\s*(?:being\s+|on\s+)?(?:the\s+|el\s+)?", re.I)

OPEN = re.compile(
    r"\b(?:since|desde)\b(?!\s(?:noon|lunch|then)\b)(?!\s(?:i|we|he|she|they|it|there"
    r"|you)\b(?!\s(?:came|got"
    r"|went|started|returned|left|moved|broke)\b))[^.;:!?]{0,44}\Z|\b(?:so|unfilled|closed) from\s"
    r"(?:the\s)?\Z|\bbeginning (?:on|with)\s[^,.;:!?]{0,24}\Z",
    re.I,
)
FROM = re.compile(r"\bfrom\s(?:the\s|el\s)?\Z", re.I)
ONWARD = re.compile(r"\s?(?:on(?:ward|wards)?\b(?!\s+(?:the|a|my|his|her))|forward\b)", re.I)
MOVED = re.compile(
    r"\b(?:moved?|rescheduled?|changed?|postponed?|pushed|switch(?:ed)?|moving)\b[^.;!?]{0,30}\b"
    r"from\s(?:the\s)?\Z",
    re.I,
)
NO_DAY_BEFORE = re.compile(
    r"\b(?:rooms?|rm|grades?|ch|chapters?|pages?|pp|score[ds]?|levels?)\.?\s\Z", re.I
)
BETWEEN = re.compile(r"\b(?:between|entre)\s(?:the\s|el\s)?\Z", re.I)
# Days that belong to something else: until when, by when, when written, when born.
BOUND = re.compile(
    r"(?:\b(?:by|before|due(?:\s(?:on|by))?|until|till|til|as\sof|no\slater\sthan|wait\sfor"
    r"|effective|expir\w+|born(?:\son)?|dob:?|d\.o\.b\.?:?|birth(?:date|day)?:?|after|prior\sto"
    r"|deadline(?:\sis)?:?|dated|sent:?|mailed:?|printed:?|rsvp(?:\sby)?|transcribed|as\sof:?"
    r"|your\s(?:letter|e-?mail|message|note|request)\sof|(?:letter|e-?mail|memo|notice)\sof"
    r"|date\s(?:sent|of\s(?:notice|birth|report|letter|request)|mailed|printed|received"
    r"|written)\s?:"
    r"|(?:notice|report|letter|due|printed|sent|mailing)\sdate\s?:|para\sel|antes\sdel?"
    r"|schedule[ds]?\s?:)\s?"
    r"(?:on\s|the\s|el\s|this\s|end\sof\s)?)\Z",
    re.I,
)
NOT_A_DAY = re.compile(
    r"\s?(?:grade|grader|gr\b|period|pd\b|hour|hr\b|floor|place|quarter|percentile|birthday|street|st\b"
    r"|ave|edition|century|graders|time\b|word|question|minute|year|row|inning|step|trial|try|item"
    r"|attempt|session|birth|page|line|paragraph|amendment|box)",
    re.I,
)
AS_OF = re.compile(r"\bas\sof\s\Z", re.I)
POSSESSIVE = re.compile(r"['’]s\b")
NOT_A_FRACTION = re.compile(
    r"\s?(?:cups?|tsp|tbsp|of\b|hours?\b|inch|full\b|split|%|scale|points?|correct|accura|trials?"
    r"|opportunit|wide|prompts?|independen|lbs?\b|mile|page|size|price|off\b|on\s\d)",
    re.I,
)
SCHEDULE = re.compile(
    r"\s?(?:-\s)?(?:block|slot|schedule|group|sessions?\b|classes|rotation|route|cycle|pull|hours\b"
    r"|days\b|at \d)",
    re.I,
)
REPEATED = frozenset({"every", "each", "most", "any"})

COMING = re.compile(
    r"\b(?:will|i have (?:no ?one|nobody)"
    r"|won['’]?t|i['’]?ll|we['’]?ll|they['’]?ll|he['’]?ll|she['’]?ll|shall|going to"
    r"|gonna|tomm?orr?ow|next week|scheduled (?:for|on)|set for|see (?:you|u|y['’]?all|everyone)"
    r"|starting|plan(?:s|ning)? to|upcoming|looking forward|rsvp|(?:is|are) (?:placed )?on the"
    r" calendar|convenes?|reconvenes?|invited|rescheduled (?:to|for)|moved (?:it )?to)\b",
    re.I,
)
MAYBE_COMING = re.compile(
    r"\b(?:meet|can you|could you|please|let['’]?s|does|available|invite|no later|works|is at"
    r"|sits?|before|open|offer|would|can we|are we|we are still|book(?:ed)?)\b",
    re.I,
)
GONE = re.compile(
    r"\b(?:was|were|wasn['’]?t|weren['’]?t|didn['’]?t|did|had|hadn['’]?t|missed|came|went|got"
    r"|took|gave|made|met|sat|said|told|saw|kept|held|left|ran|fell|lost|spent|convened|thanks?"
    r"|thank you|attended|agreed|(?<!be )discussed|yesterday|last (?:week|night)|stayed|talked"
    r"|happened|cancell?ed|skipped|no hubo|fue|faltó|estuvo|vino)\b",
    re.I,
)

SAT = re.compile(r"\b(?:was|were|met|sat|convened|attended|took place)\b", re.I)
IS = re.compile(r"\b(?:is|are|will|shall)\b|['’](?:s|ll|re)\b", re.I)
MONTH_BEFORE = re.compile(
    rf"\b(?!(?-i:may|mar|march)\b)(?P<month>{_MONTH})(?!\s*\d)[^.;!?]{{0,120}}\Z", re.I
)
