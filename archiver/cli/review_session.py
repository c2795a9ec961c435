"""Reviewing on a terminal: one suggestion after another, a key each."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

import click

from archiver.archive import ArchiveInUseError
from archiver.cli.review_desk import Act, Desk, NothingToUndoError
from archiver.cli.review_form import ask_corrections
from archiver.cli.review_screen import HELP, screen, suggestion_text, wrapped_lines
from archiver.cli.show import visible
from archiver.decisions import Verdict
from indexers.decided import attributes_of
from reports.review import Item

_BUSY = "The nightly job is at work right now; nothing was kept. Try again soon."


def run_session(
    desk: Desk, choose: Callable[[], list[Item]], keys: Callable[[], str] | None = None
) -> None:
    """Show what waits, one after another, until it is done or the person stops.

    Args:
        desk: the archive.
        choose: what waits, in order; asked again after something was taken back.
        keys: waits for a key; the terminal's by default.
    """
    Session(desk, choose, keys or click.getchar).run()


class Session:
    """A run through what waits."""

    def __init__(
        self, desk: Desk, choose: Callable[[], list[Item]], keys: Callable[[], str]
    ) -> None:
        self._desk, self._choose, self._key = desk, choose, keys
        self._queue = choose()
        self._skipped: list[Item] = []
        self._done = {"confirmed": 0, "corrected": 0, "dismissed": 0}
        self._said = ""

    def run(self) -> None:
        """Until the queue is empty, or q, Ctrl-C or the end of the terminal."""
        if not self._queue:
            click.echo("Nothing waits: every suggestion has been looked at.")
            return
        try:
            while self._queue and self._one(self._queue[0]):
                pass
        except (KeyboardInterrupt, EOFError, click.Abort):
            pass
        self._close()

    def _one(self, item: Item) -> bool:
        """Show one and do what the key says; False to stop."""
        self._show(item)
        key = self._key().lower()
        match key:
            case "y":
                self._decide(item, Verdict.CONFIRMED)
            case "n":
                self._decide(item, Verdict.DISMISSED)
            case "a" | "x" if self._same_words(item):
                verdict = Verdict.CONFIRMED if key == "a" else Verdict.DISMISSED
                self._decide(item, verdict, others=self._same_words(item))
            case "c":
                self._correct(item)
            case "s":
                self._skipped.append(self._queue.pop(0))
                self._said = "Skipped; it comes again."
            case "u" | "b":
                self._undo()
            case "p":
                self._mark(item)
            case "o":
                self._open(item)
            case "w":
                self._why(item)
            case "?" | "h":
                self._page(HELP)
            case "q" | "\x03" | "\x04" | "\x1b":
                return False
            case _:
                shown = repr(visible(key)) if key.isprintable() and key.strip() else "That key"
                self._said = f"{shown} does nothing here; ? shows what each key does."
        if not self._queue and self._skipped:
            return self._again()
        return True

    def _show(self, item: Item) -> None:
        contexts = [self._desk.context(event) for event in item.waiting]
        settings = self._desk.settings
        left = len(self._queue) + len(self._skipped)
        text = suggestion_text(
            item,
            contexts,
            left,
            settings.address_book(),
            settings.timezone,
            screen(),
            self._same_words(item),
        )
        click.clear()
        click.echo(text)
        if self._said:
            click.echo(textwrap.shorten(self._said, screen().width - 1, placeholder=" …"))
            self._said = ""

    def _decide(
        self,
        item: Item,
        verdict: Verdict,
        changes: dict[str, object] | None = None,
        note: str = "",
        others: Sequence[Item] = (),
    ) -> None:
        try:
            self._desk.decide([item], verdict, changes, note, likewise=others)
        except ArchiveInUseError:
            self._said = _BUSY
            return
        self._queue = [each for each in self._queue if each is not item and each not in others]
        self._done[str(verdict)] += 1 + len(others)
        count = f" {len(others) + 1} of them" if others else ""
        self._said = f"{str(verdict).capitalize()}{count}. (u takes it back)"

    def _same_words(self, item: Item) -> list[Item]:
        """What else waits that the same words tell of: other days, the same kind."""
        cited = item.waiting[0].citation
        return [
            other
            for other in self._queue
            if other is not item
            and other.entry.kind is item.entry.kind
            and len(other.waiting) == len(item.waiting) == 1
            and other.waiting[0].citation == cited
        ]

    def _correct(self, item: Item) -> None:
        told = ask_corrections(self._desk, item, self._key)
        if told is None:
            self._said = "Left as it was."
        elif told.changes or told.note:
            verdict = Verdict.CORRECTED if told.changes else Verdict.CONFIRMED
            others = self._likewise(item, told.changes)
            self._decide(item, verdict, told.changes, told.note, others=others)
        else:
            self._said = "Nothing was corrected."

    def _likewise(self, item: Item, changes: dict[str, object]) -> list[Item]:
        """The other days that the same words tell of, where they are wrong in the same way."""
        others = self._same_words(item) if changes.keys() - {"on", "end"} else []
        if not others:
            return []
        days = ", ".join(f"{other.entry.on:%b} {other.entry.on.day}" for other in others)
        click.echo(
            f"\nThe same words tell of {days}, too. Correct those likewise, but for the day?"
        )
        click.echo("y: yes, any other key: only this one")
        return others if self._key().lower() == "y" else []

    def _mark(self, item: Item) -> None:
        digest = item.waiting[0].citation.digest
        click.echo("\nKeep this message out of every report and packet? y: yes, any other key: no")
        if self._key().lower() != "y":
            return
        try:
            self._desk.mark(digest, privileged=True)
        except ArchiveInUseError:
            self._said = _BUSY
            return
        gone = [i for i in self._queue if {e.citation.digest for e in i.events} == {digest}]
        self._queue = [i for i in self._queue if i not in gone]
        self._said = "Marked as privileged. Its suggestions wait at the end. (u takes it back)"
        self._skipped += gone

    def _undo(self) -> None:
        try:
            act = self._desk.undo()
        except NothingToUndoError as error:
            self._said = str(error)
            return
        except ArchiveInUseError:
            self._said = _BUSY
            return
        if self._done.get(act.verdict):
            self._done[act.verdict] -= 1
        skipped = {item.entry.id for item in self._skipped}
        waiting = self._choose()
        back = [item for item in waiting if _rests_on(item, act)]
        rest = [i for i in waiting if i not in back and i.entry.id not in skipped]
        self._skipped = [i for i in waiting if i not in back and i.entry.id in skipped]
        self._queue = [*back, *rest]
        self._said = said_of(act)

    def _again(self) -> bool:
        """The end of the queue, with some skipped."""
        count = len(self._skipped)
        what = "one suggestion" if count == 1 else f"{count} suggestions"
        click.echo(f"\nThat was all but {what} you skipped. Look at them now? y or n")
        if self._key().lower() != "y":
            return False
        self._queue, self._skipped = self._skipped, []
        return True

    def _open(self, item: Item) -> None:
        from archiver.cli.threads import message_text  # noqa: PLC0415

        digest = item.waiting[0].citation.digest
        lines = message_text(self._desk.settings, self._desk.db, digest, whole=True)
        self._page("\n".join(visible(str(line)) for line in lines))

    def _why(self, item: Item) -> None:
        from archiver.cli.why import why_lines  # noqa: PLC0415

        self._page("\n".join(why_lines(self._desk, item)))

    def _page(self, text: str) -> None:
        """Show a text a screenful at a time; a pager with keys of its own is a trap at midnight."""
        room = screen()
        lines = wrapped_lines(text, min(room.width, 100))
        step = room.height - 2
        for at in range(0, max(1, len(lines)), step):
            click.clear()
            click.echo("\n".join(lines[at : at + step]))
            more = at + step < len(lines)
            click.echo("Space: more. Any other key: back." if more else "Any key: back.")
            if self._key() != " ":
                return

    def _close(self) -> None:
        done = ", ".join(f"{count} {name}" for name, count in self._done.items() if count)
        left = len(self._queue) + len(self._skipped)
        click.echo(f"\nThis time: {done or 'nothing decided'}. All of it is kept.")
        if left:
            more = "suggestion waits" if left == 1 else "suggestions wait"
            click.echo(f"{left} {more}; `papertrail review` goes on with them.")
        else:
            click.echo("Every suggestion has been looked at.")


def said_of(act: Act) -> str:
    """What was taken back, in a sentence."""
    if act.digest is not None:
        return f"Taken back: the mark on message {act.digest[:12]}."
    if len({t.found.identity() for t in act.tellings}) > 1:
        return f"Taken back: {act.verdict}, {len(act.tellings)} tellings at once."
    quote = visible(" ".join(act.tellings[0].quote.split()))
    short = quote if len(quote) <= 60 else quote[:60].rsplit(" ", 1)[0] + " …"
    return f"Taken back: {act.verdict}, “{short}”"


def _rests_on(item: Item, act: Act) -> bool:
    """Whether an entry waits again because an act was taken back."""
    back = {(t.digest, _folded(t.quote), t.found.identity()) for t in act.tellings}
    mine = {
        (e.citation.digest, _folded(e.citation.quote), attributes_of(e).identity())
        for e in item.waiting
    }
    return bool(back & mine) or act.digest in {digest for digest, *_ in mine}


def _folded(text: str) -> str:
    return " ".join(text.split())
