"""Pure: requests and answers, meetings and people as documents."""

from __future__ import annotations

from collections.abc import Sequence

from archiver.model import Role
from reports.answers import Asked, Figure, Met
from reports.document import Cell, Document, Section, Table
from reports.lines import Line
from reports.model import ReportFacts
from reports.words import day

_ROLES = {
    Role.SCHOOL: "school",
    Role.PARENT: "parent",
    Role.PROVIDER: "private provider",
    Role.PRIVILEGED: "advocate or attorney",
    Role.OTHER: "not configured",
}
_SUGGESTIONS = (
    "Entries marked “suggested” were found by a program, and no person has confirmed them yet."
)


def requests_document(asked: Sequence[Asked], facts: ReportFacts) -> Document:
    """Requests without a later message of the school first, the longest waiting on top."""
    local = day(facts.as_of.astimezone(facts.zone).date())
    own = [each for each in asked if each.line.sources[0].own]
    none = [each for each in asked if each.reply is None and each not in own]
    some = [each for each in asked if each.reply is not None]
    none.sort(key=lambda each: (-each.waiting, each.line.id))
    return Document(
        "Requests and answers",
        "What was asked of the school, and its first later message in the same thread.",
        facts,
        (
            "Whether a message answers a request is for a person to judge. An answer may also have "
            "come on paper, by phone, in a portal, or in mail that this report does not draw on.",
            _SUGGESTIONS,
        ),
        (
            Section(
                f"No later message of the school found as of {local}",
                ("In the thread of the request, in the mail this report draws on.",),
                tables=(
                    Table(
                        "Requests",
                        ("No.", "Asked on", "Days since", "Who to whom", "Words", "About",
                         "Status"),
                        tuple(
                            (
                                each.line.number or "",
                                each.line.when,
                                each.waiting,
                                each.line.who,
                                _quotes(each.line),
                                each.line.topics,
                                each.line.status,
                            )
                            for each in none
                        ),
                    ),
                ),
            ),
            Section(
                "A later message of the school was found",
                tables=(
                    Table(
                        "Requests and the message that followed",
                        ("No.", "Asked on", "Words", "About", "Next message", "Days between",
                         "From", "Subject", "SHA-256", "Status"),
                        tuple(_answered(each) for each in some),
                    ),
                ),
            ),
            *([_spoken(own)] if own else []),
        ),
    )  # fmt: skip


def _spoken(own: Sequence[Asked]) -> Section:
    rows = tuple(
        (each.line.number or "", each.line.when, each.waiting, _quotes(each.line), each.line.topics)
        for each in own
    )
    columns = ("No.", "Asked on", "Days since", "Words", "About")
    return Section(
        "Asked in a meeting or by phone, by the parent’s own record",
        ("These are in no thread of mail, so no answer was looked for.",),
        tables=(Table("Spoken requests", columns, rows),),
    )


def _answered(each: Asked) -> tuple[Cell, ...]:
    reply = each.reply
    if reply is None:
        raise ValueError("a request without a reply is in the other table")
    return (
        each.line.number or "",
        each.line.when,
        _quotes(each.line),
        each.line.topics,
        reply.on.isoformat(),
        reply.days,
        reply.sender.name or reply.sender.address,
        reply.subject,
        reply.digest[:12],
        each.line.status,
    )


def meetings_document(met: Sequence[Met], facts: ReportFacts) -> Document:
    """A section a meeting."""
    columns = ("No.", "Day", "Kind", "Who to whom", "Words", "Status")
    return Document(
        "Meetings",
        "Meetings that the correspondence tells of, and what was proposed, asked, agreed or "
        "objected to around them.",
        facts,
        (
            "The people are those on the messages about a meeting. Who attended is not in the mail "
            "unless the words say so.",
            "Around a meeting: what lies within 30 days of it, and nearer to it than to another.",
            _SUGGESTIONS,
        ),
        tuple(
            Section(
                each.line.when,
                (
                    f"{each.line.happened} ({each.line.status}"
                    + (f", No. {each.line.number})" if each.line.number else ")"),
                    "On the messages about it: " + "; ".join(
                        dict.fromkeys(
                            s.sender if s.own else f"{s.sender} to {s.recipients}"
                            for s in each.line.sources
                        )
                    ) + ".",
                ),
                tables=(
                    Table("What was written of it", ("Words", "Source"), tuple(
                        (f"“{s.quote}”", f"{s.said} SHA-256 {s.digest[:12]}")
                        for s in each.line.sources
                    )),
                    Table("Around it", columns, tuple(_around(line) for line in each.around)),
                ),
            )
            for each in met
        )
        or (Section("None found", ("None was found in the mail that this report draws on.",)),),
    )  # fmt: skip


def people_document(cast: Sequence[Figure], facts: ReportFacts) -> Document:
    """One table, who wrote most first."""
    rows = tuple(
        (
            " / ".join(sorted(figure.names, key=lambda name: (-figure.names[name], name))),
            figure.address,
            _ROLES[figure.role],
            figure.first.isoformat() if figure.first else "",
            figure.last.isoformat() if figure.last else "",
            figure.wrote,
            figure.received,
            figure.lines,
        )
        for figure in cast
    )
    columns = (
        "Name as written", "Address", "Side", "First", "Last", "Wrote", "Received",
        "Entries that rest on it",
    )  # fmt: skip
    return Document(
        "People",
        "Everybody on the messages that this report draws on.",
        facts,
        ("The side is that of the configuration. Titles are not read from signatures.",),
        (Section("People", tables=(Table("People", columns, rows),)),),
    )


def _around(line: Line) -> tuple[Cell, ...]:
    return (line.number or "", line.when, line.kind, line.who, _quotes(line), line.status)


def _quotes(line: Line) -> str:
    return "\n".join(f"“{source.quote}”" for source in line.sources)
