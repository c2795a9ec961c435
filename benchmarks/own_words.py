"""Own words beside the libraries that strip quotes: what each loses of the author's, and lets in.

    uv pip install quotequail email-reply-parser mail-parser-reply
    python -m benchmarks.own_words

The cases are those of tests/data/own_words (plain text). A line of the author's that is not in the
result is lost; a line of earlier mail that is, is leaked. Signatures, notices and footers count
for nobody, nor do lines in doubt. A library that is not installed is left out.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable

from indexers.own_words import mark_spans
from tests.indexers.own_words_cases import Case, cases

Reader = Callable[[Case], str]


def paper_trail(case: Case) -> str:
    spans = mark_spans(case.body, forwarded=case.forwarded)
    return "\n".join(case.body[s.start : s.end] for s in spans if s.kind == "own")


def quotequail_unwrap(case: Case) -> str:
    found = importlib.import_module("quotequail").unwrap(case.body)
    if not found:
        return case.body
    return f"{found.get('text_top') or ''}\n{found.get('text_bottom') or ''}"


def quotequail_quote(case: Case) -> str:
    found = importlib.import_module("quotequail").quote(case.body)
    return "\n".join(text for shown, text in found if shown)


def email_reply_parser(case: Case) -> str:
    parser = importlib.import_module("email_reply_parser").EmailReplyParser
    return str(parser.parse_reply(case.body))


def mail_parser_reply(case: Case) -> str:
    reader = importlib.import_module("mailparser_reply").EmailReplyParser(languages=["en", "es"])
    found = reader.parse_reply(text=case.body)
    return str(found or "")


READERS: dict[str, Reader] = {
    "Paper Trail": paper_trail,
    "quotequail.unwrap": quotequail_unwrap,
    "quotequail.quote": quotequail_quote,
    "email-reply-parser": email_reply_parser,
    "mail-parser-reply": mail_parser_reply,
}


def judge(case: Case, result: str) -> tuple[bool, bool]:
    """Whether the author's words were lost, and whether others' were let in."""
    shown = {" ".join(line.split()) for line in result.split("\n")}
    lines = [(kind, " ".join(text.split())) for kind, text in case.expected()]
    own = {text for kind, text in lines if kind in "ou"}
    lost = any(kind == "o" and text not in shown for kind, text in lines)
    leaked = any(kind in "aqf" and text in shown - own for kind, text in lines)
    return lost, leaked


def main() -> None:
    print(f"{'':20} {'cases':>6} {'right':>6} {'lost':>5} {'leaked':>7} {'ms':>7}")
    for name in ("plain.txt", "held_out.txt"):
        written = list(cases(name))
        print(name)
        for reader_name, read in READERS.items():
            lost = leaked = right = 0
            started = time.process_time()
            try:
                for case in written:
                    gone, came = judge(case, read(case))
                    lost, leaked, right = lost + gone, leaked + came, right + (not (gone or came))
            except ImportError:
                continue
            ms = 1000 * (time.process_time() - started) / len(written)
            print(f"  {reader_name:18} {len(written):6} {right:6} {lost:5} {leaked:7} {ms:7.2f}")


if __name__ == "__main__":
    main()
