"""The command `submit`."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wizard.commands.click_extensions import Command
from wizard.commands.options import (
    FILE,
    CommonOptions,
    app_form_option,
    common_options,
    json_option,
    pace_option,
)
from wizard.commands.output import print_document, print_line, report
from wizard.commands.value_completion import complete_source
from wizard.contract.masking import masked
from wizard.errors import WRONG_USAGE, StoreTrouble, Unreadable, WizardError
from wizard.formats.files import read_lines
from wizard.formats.json_text import dump, unwrap

if TYPE_CHECKING:
    from wizard.api.outcomes import Outcome
    from wizard.commands.batch import Item
    from wizard.commands.sources import Source
    from wizard.settings import Settings, Target
    from wizard.storage.session import Session

# The seconds that the question waits for the list of assistants.
_LIST_SECONDS = 2.0
# The number of payloads that are named before the question.
_MAX_NAMED = 20


@click.command(cls=Command)
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=FILE, shell_complete=complete_source
)
@click.option("--yes", is_flag=True, help="Send without asking.")
@json_option("payload")
@click.option("--dry-run", is_flag=True, help="Print the requests without the key; send nothing.")
@click.option("--again", is_flag=True, help="Also send what was created before.")
@pace_option("requests")
@app_form_option()
@common_options
def submit(
    options: CommonOptions,
    *,
    files: tuple[str, ...],
    yes: bool,
    as_json: bool,
    dry_run: bool,
    again: bool,
    pace: float,
    app_form: bool,
) -> int:
    """\b
    Examples:
      qcall-wizard submit payload.json
      qcall-wizard submit --dry-run payload.yaml
      qcall-wizard submit --yes --json payloads.jsonl | jq -r .id
      qcall-wizard submit 4f1c

    Validates all payloads, shows what goes where, asks once, and sends them one after another.
    FILE is a file as for validate, or the id of a draft. If one payload is invalid, nothing is
    sent. Each attempt has a receipt, so you can stop the command and run it again: what was
    created is skipped.

    \b
    The exit code is that of the worst outcome:
      0  created; skipped payloads count only if nothing was created now
      1  a payload is invalid or cannot be read, and nothing was sent
      3  refused
      4  unknown: it may have been created
      5  not sent: no key, unreachable, rate limited, cancelled, created before
    """
    from wizard.api.outcomes import NoReceipt
    from wizard.commands.account import account

    settings = options.settings()
    items = [item for file in files for item in _read(file, settings.home, app_form=app_form)]
    if not all(item.valid for item in items):
        return _report_invalid(items, as_json=as_json)
    if dry_run:
        return _print_requests(items, settings.target, as_json=as_json)
    try:
        with account(settings, needs_store=True) as (session, settings):
            return _send(
                options, items, session, settings, yes=yes, as_json=as_json, again=again, pace=pace
            )
    except StoreTrouble as trouble:
        return _report_none_sent(items, NoReceipt(str(trouble)), as_json=as_json)


def _send(
    options: CommonOptions,
    items: "Sequence[Item]",
    session: "Session",
    settings: "Settings",
    *,
    yes: bool,
    as_json: bool,
    again: bool,
    pace: float,
) -> int:
    """Show what is sent, ask, and send it."""
    import asyncio

    from wizard.api.connection import connect
    from wizard.api.outcomes import NotSent
    from wizard.api.reasons import NotSentReason
    from wizard.api.submission import same_named
    from wizard.commands.batch import NOTHING_SENT, Batch
    from wizard.sandbox.sandbox_store import SandboxStore

    if settings.key is None:
        return _report_none_sent(items, NotSent(NotSentReason.NO_KEY), as_json=as_json)
    _report_plan(items, settings.target, session, again=again)
    log = options.log.exchange if options.log else None
    if not yes:
        if not all(stream and stream.isatty() for stream in (sys.stdin, sys.stderr)):
            report("Nothing was sent: there is no terminal to ask on. --yes sends without asking.")
            return WRONG_USAGE
        client = connect(settings, log, SandboxStore(session))
        payloads = [item.payload for item in items]
        for sentence in asyncio.run(same_named(client, payloads, _LIST_SECONDS))[:_MAX_NAMED]:
            report(sentence)
        if not _confirmed(len(items), settings.target):
            message = "Nothing was sent: you said no."
            return _report_none_sent(items, NOTHING_SENT, message, as_json=as_json)
    client = connect(settings, log, SandboxStore(session))
    return Batch(items, session, settings, client, as_json=as_json, again=again, pace=pace).run()


# Reading and validating


def _read(file: str, home: Path, *, app_form: bool) -> "Iterator[Item]":
    """Read and validate the payloads of a file, or the payload of a draft."""
    from wizard.commands.batch import Item
    from wizard.commands.sources import Source, read_source

    try:
        if not file.lower().endswith(".jsonl"):
            yield _validated(file, 0, read_source(file, home), app_form=app_form)
            return
        for line, value in read_lines(file):
            try:
                if isinstance(value, Unreadable):
                    raise value
                source = Source(file, unwrap(value, file))
                yield _validated(file, line, source, app_form=app_form)
            except Unreadable as error:
                yield Item(file, line, Unreadable(file, error.reason, line, error.column or 1))
    except WizardError as error:
        yield Item(file, 0, error)


def _validated(file: str, line: int, source: "Source", *, app_form: bool) -> "Item":
    from wizard.commands.batch import Item
    from wizard.commands.sources import refuse_masked
    from wizard.contract.validation import find_app_errors, find_errors

    if source.assistant:
        reason = f"it changes the assistant {source.assistant}; open it in the wizard to update it"
        raise Unreadable(source.name, reason)
    refuse_masked(source, line)
    find = find_app_errors if app_form else find_errors
    return Item(file, line, source, tuple(find(source.data)))


def _report_invalid(items: "Sequence[Item]", *, as_json: bool) -> int:
    """Report what is wrong; nothing is sent, not even the valid payloads."""
    from wizard.commands.batch import NOTHING_SENT, count_payloads, print_item_json

    for item in items:
        messages = item.messages()
        for message in messages:
            report(message)
        if as_json:
            others = "Nothing was sent, because another payload is invalid."
            print_item_json(item, NOTHING_SENT, "; ".join(messages) or others)
    invalid = sum(not item.valid for item in items)
    are, them = ("is", "it") if invalid == 1 else ("are", "them")
    total = count_payloads(len(items))
    report(f"Nothing was sent: {invalid} of {total} {are} invalid. Fix {them} first.")
    return 1


# Before sending


def _print_requests(items: "Sequence[Item]", target: "Target", *, as_json: bool) -> int:
    """Print the requests that would be sent, without the keys."""
    from wizard.api.client import CREATE
    from wizard.commands.batch import NOTHING_SENT, count_payloads, print_item_json

    url = target.base_url + CREATE
    headers = {"content-type": "application/json", "x-api-key": "(left out)"}
    for item in items:
        body = dump(dict(masked(item.source.data)))
        if as_json:
            request = {"method": "POST", "url": url, "headers": headers, "body": body}
            message = "Nothing was sent: this is the request."
            print_item_json(item, NOTHING_SENT, message, request=request)
        else:
            print_line(f"POST {url}")
            for name, value in headers.items():
                print_line(f"{name}: {value}")
            print_document(f"\n{body}\n")
    report(f"Nothing was sent: {count_payloads(len(items))} would be created {target.place}.")
    return 0


def _report_plan(
    items: "Sequence[Item]", target: "Target", session: "Session", *, again: bool
) -> None:
    """Report what will be sent, and where."""

    from wizard.api.payload_identity import payload_hash
    from wizard.commands.batch import count_payloads
    from wizard.contract.app_forms import language_words

    report(f"To {target.name} ({target.base_url}):")
    for item in items[:_MAX_NAMED]:
        data = item.source.data
        language = language_words(data["language"])
        about = f"{data['name']} of {data['company_name']}, {data['type']}, {language}"
        if session.receipts.created_before(target.base_url, item.payload) is not None:
            about += f"; created before, {'sent again' if again else 'skipped'}"
        report(f"  {item.name}: {about}")
    if len(items) > _MAX_NAMED:
        report(f"  and {len(items) - _MAX_NAMED} more")
    counts = Counter(payload_hash(item.source.data) for item in items)
    repeated = sum(count - 1 for count in counts.values())
    if repeated and not again:
        report(f"{count_payloads(repeated)} of these appear more than once: each is sent once.")


def _confirmed(count: int, target: "Target") -> bool:
    """Ask on the terminal; an empty line means no."""
    what = "this assistant" if count == 1 else f"these {count} assistants"
    print(f"Create {what} {target.place}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _report_none_sent(
    items: "Sequence[Item]", outcome: "Outcome", message: str = "", *, as_json: bool
) -> int:
    """Report one reason for all payloads."""
    from wizard.commands.batch import print_item_json

    if as_json:
        for item in items:
            print_item_json(item, outcome, message)
    report(message or outcome.sentence)
    return outcome.exit_code
