"""The command `receipts`."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from wizard.commands.click_extensions import Group
from wizard.commands.local_store import find_receipt, local_store, receipts_in
from wizard.commands.options import (
    CommonOptions,
    common_options,
    json_option,
    refuse_list_options,
)
from wizard.commands.output import print_document, print_json, print_line, report
from wizard.commands.table import print_table
from wizard.commands.value_completion import complete_receipt

if TYPE_CHECKING:
    from wizard.api.receipt_store import Known, Receipt

_NO_ANSWER = "Unknown: no answer was received"


@click.group(cls=Group, invoke_without_command=True)
@json_option("receipt")
@common_options
def receipts(options: CommonOptions, as_json: bool) -> int:
    """\b
    Examples:
      qcall-wizard receipts
      qcall-wizard receipts show 9ad0
      qcall-wizard receipts --json | jq 'select(.outcome == "unknown")'

    Lists the submissions, newest first, with time, target and outcome. Any unique ID prefix
    works.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        refuse_list_options(context, {"--json": as_json}, "is for the list")
        return 0
    from wizard.storage.session import ago

    with local_store(options.home_folder()) as store:
        found, now = receipts_in(store).all(), store.clock()
    if as_json:
        for receipt in found:
            print_json(_as_json(receipt))
    elif found:
        titles = ("ID", "SENT", "TARGET", "NAME", "OUTCOME", "ASSISTANT")
        rows = [
            (
                receipt.id,
                ago(receipt.sent, now),
                receipt.host,
                receipt.name,
                receipt.title or _NO_ANSWER,
                receipt.assistant_id or "",
            )
            for receipt in found
        ]
        print_table(titles, rows, {2: (28, 8), 3: (36, 6), 4: (40, 8)})
    else:
        print_line("There are no receipts: nothing has been sent yet.")
    return 0


@receipts.command("show", short_help="Print a receipt.")
@click.argument("prefix", metavar="ID", shell_complete=complete_receipt)
@click.option("--json", "as_json", is_flag=True, help="Print one object with everything.")
@click.option("--body", is_flag=True, help="Print only the body of the request.")
@common_options
def show_receipt(options: CommonOptions, prefix: str, as_json: bool, body: bool) -> int:
    """\b
    Examples:
      qcall-wizard receipts show 9ad0
      qcall-wizard receipts show 9ad0 --body > payload.json
      qcall-wizard receipts show 9ad0 --body | qcall-wizard --from -

    Prints everything that is known about one attempt to create an assistant. In the body,
    widget_config.api_key is masked.
    """
    if as_json and body:
        raise click.UsageError("--json and --body cannot be combined: use one of them.")

    with local_store(options.home_folder()) as store:
        receipt, now = find_receipt(store, prefix), store.clock()
    if body:
        print_document(receipt.body)
    elif as_json:
        print_json(_as_json(receipt) | {"body": receipt.body})
    else:
        for label, value in _details(receipt, now):
            if value:
                print_line(f"{label}: {value}")
        if receipt.is_open and not receipt.settled:
            report(
                "The outcome of this attempt is unknown: check the list of your assistants before "
                "you send it again."
            )
    return 0


def _as_json(receipt: "Receipt") -> dict[str, Any]:
    """Return a receipt for programs; members of `submit --json` have the same name here."""
    known = receipt.known
    return {
        "receipt": receipt.id,
        "outcome": receipt.kind or "unknown",
        "id": receipt.assistant_id,
        "status": receipt.status,
        "message": receipt.message,
        "title": receipt.title or _NO_ANSWER,
        "name": receipt.name,
        "company_name": receipt.company,
        "target": receipt.target,
        "host": receipt.host,
        "draft": receipt.draft,
        "sent": receipt.sent.isoformat(),
        "seconds": receipt.seconds,
        "settled": receipt.settled.isoformat() if receipt.settled else None,
        "hash": receipt.hash,
        "key_end": receipt.key_end,
        "known": {"ids": sorted(known.ids), "without_id": known.without} if known else None,
    }


def _details(receipt: "Receipt", now: datetime) -> Iterator[tuple[str, str]]:
    from wizard.api.outcomes import local_time
    from wizard.storage.session import ago

    yield "receipt", receipt.id
    yield "outcome", receipt.title or _NO_ANSWER
    yield "assistant", receipt.assistant_id or ""
    yield "status", str(receipt.status or "")
    yield "message", " ".join(receipt.message.split())
    yield "name", receipt.name
    yield "company", receipt.company
    yield "target", f"{receipt.host} ({receipt.target})"
    yield "draft", receipt.draft
    yield "sent", f"{local_time(receipt.sent)} ({ago(receipt.sent, now)})"
    yield "took", "" if receipt.seconds is None else f"{receipt.seconds:.1f} s"
    yield "settled", local_time(receipt.settled) if receipt.settled else ""
    yield "hash", f"sha256 {receipt.hash}"
    yield "key", f"salted hash {receipt.key_end}" if receipt.key_end else ""
    yield "known before", _known_before(receipt.known)


def _known_before(known: "Known | None") -> str:
    """Return the assistants of the same name and company that existed before."""
    if known is None:
        return "not known"
    unnamed = [f"{known.without} without an id"] if known.without else []
    return ", ".join([*sorted(known.ids), *unnamed]) or "none of this name and company"
