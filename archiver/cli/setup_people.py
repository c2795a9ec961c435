"""The second half of `papertrail init`: whose mail is the school's, who else there is, the IEP."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from archiver.cli.answering import AnswerError
from archiver.cli.asking import Asker, Choice
from archiver.cli.setup_password import WayIn, said
from archiver.cli.setup_review import SERVICE_NAMES, describe, us_day
from archiver.cli.show import TerminalProgress
from archiver.config import SERVICES
from archiver.errors import ArchiveError
from archiver.setup import typed
from archiver.setup.answers import Answers
from archiver.setup.contacts import Contacts
from archiver.setup.look import Look, look
from archiver.setup.places import find_state, find_zone, local_zone, state_at, zone_of
from archiver.setup.suggest import Kind, Suggestion, Suggestions, state_of, suggest, words

_YEARS = 2
_MOST_LATER = 12  # of those found now and asked about later
_HINT_OF_KIND = {Kind.HEALTH: "a clinic or therapist; ", Kind.PORTAL: "a school's notices; "}


class People:
    """The steps about people."""

    def __init__(self, asker: Asker, answers: Answers, way_in: WayIn) -> None:
        self.asker, self.answers, self._way_in = asker, answers, way_in

    def ask_child(self) -> None:
        """The child's names."""
        self.answers.child = self.asker.ask(
            "child",
            "What is your child's name? The full name first, then what else people write, such as "
            "a nickname, with commas: Maya Lopez, Maya",
            typed.required_names,
            ", ".join(self.answers.child),
        )

    def ask_school(self) -> None:
        """Whose mail is the school's, out of what the mailbox shows."""
        answers, asker = self.answers, self.asker
        found = self._look() if self._way_in.is_in else None
        if found is not None:
            self._remember(found)
            if not found.school:
                asker.say("Nothing in there looks like a school's mail.")
        suggested = found.school if found is not None else ()
        if answers.school:  # asked for again
            choices = [Choice(entry, ticked=True) for entry in answers.school]
            choices += [_choice(s, tick=False) for s in suggested if s.entry not in answers.school]
        else:
            choices = [_choice(s, tick=s.ticked) for s in suggested]
        answers.school = asker.tick(
            "school",
            "Whose mail is the school's? Teachers, the district, therapists that the school "
            "sends, the portal with its notices. (Your own doctors and your attorney come later.)",
            choices,
            typed.entries,
            required="Please name at least one: without it, nothing would be the school's mail.",
        )

    def ask_parents(self) -> None:
        """The family's own addresses."""
        answers = self.answers
        own = list(dict.fromkeys([answers.address, *answers.own]))
        choices = [Choice(a, ticked=True, detail="this mailbox") for a in own]
        choices += [
            Choice(a, ticked=False, detail="the school writes to it together with you")
            for a in answers.family
            if a not in own
        ]
        answers.parents = self.asker.tick(
            "parents",
            "Which addresses are the family's: yours, the other parent's, a grandparent's?",
            _again(choices, answers.parents),
            typed.addresses,
        )

    def ask_place(self) -> None:
        """State and time zone."""
        answers, here = self.answers, local_zone()
        guess = answers.state or state_of(answers.school) or state_at(here)
        answers.state = self.asker.ask("state", "In which state is the school?", find_state, guess)
        answers.timezone = self.asker.ask(
            "timezone",
            "In which time zone? Days are counted there.",
            find_zone,
            zone_of(answers.state, here),
        )

    def ask_privileged(self) -> None:
        """Attorney and advocate."""
        answers = self.answers
        answers.privileged = self.asker.tick(
            "privileged",
            "Do you have an attorney or an advocate? What you write to each other is nobody "
            "else's business: it is kept, and stays out of every report and packet. Name yours "
            "only, not the school's.",
            _again(_choices(answers.law, answers), answers.privileged),
            typed.entries,
        )

    def ask_mediators(self) -> None:
        """Mediators and the office that sends them."""
        answers = self.answers
        answers.mediators = self.asker.tick(
            "mediators",
            "Is there a mediator, or an office that sends one? What is said in a mediation is "
            "confidential and stays out of every report as well.",
            _again(_choices(answers.mediation, answers), answers.mediators),
            typed.entries,
        )

    def ask_providers(self) -> None:
        """The child's own doctors."""
        answers = self.answers
        answers.private_providers = self.asker.tick(
            "private_providers",
            "The child's own doctors, clinics and therapists, those the school does not send: "
            "their mail is kept too.",
            _again(_choices(answers.health, answers), answers.private_providers),
            typed.entries,
        )

    def ask_services(self) -> None:
        """What the IEP promises."""
        asker, answers = self.asker, self.answers
        if not asker.attended:
            given = asker.given("service")
            answers.services = answers.services if given is None else _services(given)
            return
        if answers.services:
            known = "\n".join(f"  {describe(service)}" for service in answers.services)
            asker.say("This is what the IEP promises, as far as it was said:", known)
            if asker.yes("", "Keep it so?", default=True):
                return
        answers.services = []
        listed = ", ".join(
            f"{n}\xa0{SERVICE_NAMES.get(name, name)}" for n, name in enumerate(SERVICES, 1)
        )
        asker.say(
            "What does the IEP promise? Then Paper Trail can hold it against what was given. "
            "Press Enter if you do not have it at hand: after the first run, `papertrail promises` "
            "lists what it found in the IEPs in your mail, for you to confirm.",
            listed,
        )
        while True:
            question = "Which service? A number or a name; Enter " + (
                "when that is all." if answers.services else "for none."
            )
            name = asker.ask("service", question, typed.service)
            if not name:
                return
            service = self._ask_service(name)
            if asker.yes("", f"{describe(service)}. Right?", default=True):
                answers.services.append(service)

    def ask_archive(self) -> None:
        """Where everything is kept."""
        self.answers.archive = self.asker.ask(
            "archive",
            "In which folder is the record to be kept? It is made if it is not there.",
            _folder,
            self.answers.archive or "~/Paper Trail",
        )

    # -- looking ---------------------------------------------------------------------------------

    def _look(self) -> Suggestions | None:
        asker, answers = self.asker, self.answers
        if not asker.yes(
            "look",
            f"Paper Trail can look through your mail of the last {_YEARS} years now, to find out "
            "who the school is: only from, to, date and subject. Nothing is changed or kept. "
            "Look now?",
            default=True,
        ):
            return None
        since = (datetime.now(UTC) - timedelta(days=365 * _YEARS + 1)).date()
        contacts = Contacts(words(answers.child), [answers.address, answers.username])
        try:
            source = self._way_in.connect()
            try:
                seen = look(source, since, contacts, TerminalProgress(), time.monotonic)
            finally:
                source.close()
        except ArchiveError as error:
            if not asker.attended:
                raise
            asker.say(said(error))
            if not contacts.messages:
                asker.say("That does not matter now: you can type the addresses.")
                return None
            asker.say(f"What was seen until then, {contacts.messages:,} messages, is used.")
        else:
            self._tell(seen)
        return suggest(contacts.by_address, contacts.owner)

    def _tell(self, seen: Look) -> None:
        told = f"Looked at {seen.read:,} messages"
        if not seen.whole:
            told += f", the newest of {seen.listed:,}; that is enough to go by"
        self.asker.say(f"{told}.")
        if seen.unreadable:
            names = ", ".join(seen.unreadable[:5])
            self.asker.say(f"The server would not open these folders: {names}.")

    def _remember(self, found: Suggestions) -> None:
        answers = self.answers
        answers.own = [a for a in found.owner if "@" in a]
        answers.family = list(found.family)
        answers.law = _for_later(found.law)
        answers.mediation = _for_later(found.mediation)
        answers.health = _for_later(found.health)

    def _ask_service(self, name: str) -> dict[str, Any]:
        asker = self.asker
        before: dict[str, Any] = self.answers.services[-1] if self.answers.services else {}
        service: dict[str, Any] = {"service": name}
        minutes = asker.ask("", "How many minutes is one session? (Enter: no minutes)", typed.count)
        times = asker.ask("", "How many times? (Enter: not said)", lambda t: typed.count(t, 100))
        if minutes:
            service["minutes"] = minutes
        if times:
            service["times"] = times
            service["per"] = asker.ask(
                "", "Per day, week, 2 weeks, month or year?", typed.period, "week"
            )
        start = asker.ask("", "From which day? (8/4/2025)", typed.day, us_day(before.get("start")))
        if start:
            service["start"] = start.isoformat()

        def not_before(text: str) -> date | None:
            end = typed.day(text)
            if start and end and end < start:
                raise ValueError("That is before the first day.")
            return end

        end = asker.ask("", "To which day? (5/21/2026)", not_before, us_day(before.get("end")))
        if end:
            service["end"] = end.isoformat()
        provider = asker.ask("", "Who gives it? A name helps. (Enter: not known)", str)
        if provider:
            service["provider"] = provider
        return service


def _choice(suggestion: Suggestion, *, tick: bool) -> Choice:
    subject = f'\n"{suggestion.subjects[0][:60]}"' if suggestion.subjects else ""
    return Choice(suggestion.entry, ticked=tick, detail=_counted(suggestion) + subject)


def _counted(suggestion: Suggestion) -> str:
    count = f"{suggestion.messages:,} message{'' if suggestion.messages == 1 else 's'}"
    name = f"{suggestion.name}; " if suggestion.name else ""
    return f"{name}{_HINT_OF_KIND.get(suggestion.kind, '')}{count}"


def _for_later(suggestions: Sequence[Suggestion]) -> list[list[str]]:
    """Who, and how often: without a subject, since it is kept on disk for a while."""
    return [[s.entry, _counted(s)] for s in suggestions[:_MOST_LATER]]


def _choices(found: list[list[str]], answers: Answers) -> list[Choice]:
    taken = {*answers.school, *answers.parents, *answers.privileged, *answers.mediators}
    return [Choice(entry, ticked=False, detail=d) for entry, d in found if entry not in taken]


def _again(choices: list[Choice], before: list[str]) -> list[Choice]:
    """Choices with what was ticked the last time, where there was one."""
    if not before:
        return choices
    kept = [Choice(c.value, c.value in before, c.detail) for c in choices]
    listed = {c.value for c in kept}
    return kept + [Choice(value, ticked=True) for value in before if value not in listed]


def _services(given: object) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(s, dict) for s in given):
        raise AnswerError("service", "write it as [[service]] tables, as in config.example.toml")
    return [
        {key: v.isoformat() if isinstance(v, date) else v for key, v in service.items()}
        for service in given
    ]


def _folder(text: str) -> str:
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise ValueError("Please type the whole path, such as ~/Paper Trail.")
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is a file, not a folder.")
    if path.is_dir() and any(path.iterdir()) and not (path / "journal.jsonl").exists():
        raise ValueError(f"{path} has other things in it. Please choose a new or empty folder.")
    return text
