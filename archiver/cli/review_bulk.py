"""Confirming the sure suggestions together: a list, and one question."""

from __future__ import annotations

import sys

import click

from archiver.cli.review_desk import Desk
from archiver.cli.show import print_table
from archiver.decisions import Verdict
from reports.review import Item, sure
from reports.words import KINDS, service


def run_bulk(desk: Desk, items: list[Item], least: float) -> None:
    """List the sure ones, and confirm all of them at one word."""
    chosen = sure(items, least)
    if not chosen:
        click.echo(f"No suggestion is as sure as {least:.2f}.")
        return
    rows = [
        (
            item.entry.on.isoformat(),
            KINDS[item.entry.kind]
            + (f": {service(item.entry.service)}" if item.entry.service else ""),
            f"“{' '.join(item.waiting[0].citation.quote.split())}”",
            f"{max(e.confidence for e in item.waiting):.2f}",
        )
        for item in chosen
    ]
    print_table(("date", "kind", "words", "sure"), rows)
    count = len(chosen)
    what = "this one" if count == 1 else f"all {count}"
    if not sys.stdin.isatty():
        click.echo("On a terminal you are asked whether to confirm them. Nothing was decided.")
        return
    if click.confirm(f"Read them. Confirm {what}?", default=False):
        desk.decide(chosen, Verdict.CONFIRMED)
        click.echo(f"Confirmed {what}. `papertrail review undo` takes that back, all at once.")
    else:
        click.echo("Nothing was decided.")
