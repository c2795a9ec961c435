"""Pure: whether mail among the family alone speaks of the child's schooling.

Design: such mail belongs where it forwards or quotes the school, or names the child with a person,
service or thing of the school. Families rarely write that plainly ("The PT girl did not come"),
so words are weighed: one that belongs to special education is enough, weaker ones need company,
and a shopping list needs much more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from archiver.headers import PEOPLE, decode_bytes, read_headers
from archiver.model import Role
from archiver.roles import AddressBook
from indexers.model import Message

ENOUGH = 2

_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

# Words of special education: one of them is enough.
_STRONG = re.compile(
    r"\b(?:IEPs?|I\.E\.P\.|504 plan|FAPE|IEE|PWN|ARD|CSE|MDT|MET meeting|BCBA|FBA|BIP|ESY|OT|PT"
    r"|(?i:prior written notice|special ed(?:ucation)?|due process|mediat(?:or|ion)|school district"
    r"|the district|district'?s|speech|therap(?:y|ist|ists)|occupational|physical therapy"
    r"|parapro\w*|one[- ]on[- ]one aide|(?:his|her|their|the) aide|the para"
    r"|resource (?:room|teacher)"
    r"|case manager|case ?load|evaluat(?:ion|or|ions)|eligibility|accommodations?|school nurse"
    r"|the nurse|new nurse|counselor|principal|vice principal|superintendent|school psych\w*"
    r"|bus (?:driver|aide|monitor)|no bus|the bus|route \d+|makeup session|make-up session"
    r"|progress report|report card|complaint|hearing officer|service minutes|behavior plan"
    r"|escuela|terapia|maestra|maestro|directora?|distrito|ayudante|la enfermera))\b"
)
# Words of school life: two of them, or one with the child's name.
_WEAK = re.compile(
    r"\b(?:school|class(?:room)?|teachers?|homework|recess|lunch ?room|lunch bag|backpack|cafeteria"
    r"|gym|library|pick ?up|drop ?off|grade|semester|lesson|session|testing|suspended|detention"
    r"|substitute|sub|aide|para|nurse|bus|van|office|meeting|conference|calendar|field trip|clase"
    r"|mochila|tarea|reunion|reunión|signed|the form|permission slip)\b",
    re.I,
)
_SHOPPING = re.compile(
    r"\b(?:milk|eggs|bread|butter|tortillas|cheese|bananas|apples|cereal|coffee|paper towels"
    r"|toilet paper|detergent|dog food|cat food|chicken|ground beef|rice|pasta|onions|potatoes"
    r"|yogurt|juice|diapers|leche|huevos|pan|queso|groceries|grocery)\b",
    re.I,
)
_TITLE = r"(?:Ms|Mr|Mrs|Miss|Mx|Dr|Coach|Nurse|Principal|Sra|Sr|Maestra|Maestro)\.?\s+"
# Surnames that are also words, and what offices call themselves: no proof by themselves.
_COMMON_NAMES = frozenset(
    {
        "long", "short", "young", "white", "black", "brown", "green", "gray", "grey", "rose",
        "may", "june", "april", "grace", "hope", "faith", "will", "mark", "bill", "art", "rich",
        "love", "joy", "day", "king", "price", "bell", "wood", "stone", "field", "north", "west",
        "church", "hill", "lake", "school", "district", "office", "support", "team", "staff",
        "student", "services", "special", "education", "notice", "notices", "reply", "noreply",
        "mail", "messenger", "parent", "parents", "teacher", "nurse", "center", "system",
        "alerts", "the",
    }
)  # fmt: skip


def speaks_of_schooling(
    message: Message, *, child: Collection[str], staff: Iterable[str], book: AddressBook
) -> bool:
    """Whether a message among the family belongs to the correspondence.

    Args:
        message: as read; quoted and forwarded text counts here.
        child: the child's names and nicknames.
        staff: display names of people who write from the school.
        book: whose address is whose.
    """
    text = _everything(message)
    if any(book.role_of(a) not in {Role.OTHER, Role.PARENT} for a in _ADDRESS.findall(text)):
        return True
    if _forwards_the_school(message, book):
        return True
    weight = 2 * (_names_staff(text, staff) or bool(_STRONG.search(text)))
    weak = {match[0].lower() for match in _WEAK.finditer(text)}
    weight += min(len(weak), 2)
    weight += bool(weak) and _names(text, child)
    weight += bool(weak) and any(p.media_type.startswith("image/") for p in message.attachments)
    if len({match[0].lower() for match in _SHOPPING.finditer(text)}) >= 2:
        weight -= 3
    return weight >= ENOUGH


def _everything(message: Message) -> str:
    texts = [message.subject, message.body]
    for part in message.attachments:
        texts.append(part.name)
        if part.media_type in {"text/calendar", "text/plain", "text/csv"}:
            texts.append(decode_bytes(part.content[: 1 << 16]))
    return "\n".join(texts)


def _forwards_the_school(message: Message, book: AddressBook) -> bool:
    return any(
        book.role_of(person.address) not in {Role.OTHER, Role.PARENT}
        for part in message.attachments
        if part.media_type == "message/rfc822"
        for person in read_headers(part.content).people(*PEOPLE)
    )


def _names(text: str, names: Iterable[str]) -> bool:
    words = set(_WORD.findall(text))
    folded = text.casefold()
    return any(
        name in words if " " not in name.strip() else name.casefold() in folded
        for name in names
        if len(name) > 1
    )


def _names_staff(text: str, staff: Iterable[str]) -> bool:
    words = set(_WORD.findall(text))
    for name in staff:
        parts = [p for p in _WORD.findall(_in_order(name)) if p[:1].isupper() and len(p) > 2]
        parts = [p for p in parts if p.casefold() not in _COMMON_NAMES]
        if not parts:
            continue
        last = parts[-1]
        if last in words and (
            len(parts) == 1
            or any(p in words for p in parts[:-1])
            or re.search(_TITLE + re.escape(last), text)
        ):
            return True
    return False


def _in_order(name: str) -> str:
    """A name with its last name last; what stands in brackets is an office, not a name."""
    name = re.sub(r"[(\[].*", "", name)
    last, comma, first = name.partition(",")
    # "Marguerite Oyelaran, Ed.D." is not turned round: a degree has dots or no small letters.
    return f"{first} {last}" if comma and re.fullmatch(r"\s*[A-Z][a-z]+.*", first) else last
