"""The command `receipts`."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from wizard.commands.click_extensions import Group
from wizard.commands.local_store import find_stored, local_store, receipts_in, updates_in
from wizard.commands.options import CommonOptions, common_options, is_list, json_option
from wizard.commands.output import print_document, print_json, print_line, report
from wizard.commands.table import print_table
from wizard.commands.value_completion import complete_receipt
from wizard.errors import NoSuch

if TYPE_CHECKING:
    from wizard.api.receipt_store import Known, Receipt
    from wizard.api.update_receipts import UpdateReceipt
    from wizard.storage.store import Store

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

    Lists the submissions and updates, newest first, with time, target and outcome. Any unique ID
    prefix works.
    """
    if not is_list(json=as_json):
        return 0
    from wizard.storage.session import ago

    with local_store(options.home_folder()) as store:
        found, now = sorted(_sent(store), key=lambda each: each.sent, reverse=True), store.clock()
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
                _assistant(receipt),
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
@click.option("--before", is_flag=True, help="Print only the assistant before an update.")
@common_options
def show_receipt(
    options: CommonOptions, prefix: str, as_json: bool, body: bool, before: bool
) -> int:
    """\b
    Examples:
      qcall-wizard receipts show 9ad0
      qcall-wizard receipts show 9ad0 --body > payload.json
      qcall-wizard receipts show 9ad0 --body | qcall-wizard --from -

    Prints everything that is known about one attempt to create or update an assistant. In the body,
    widget_config.api_key is masked. `update --restore ID` puts the assistant back that an update
    replaced.
    """
    given = [
        name for name, on in (("--json", as_json), ("--body", body), ("--before", before)) if on
    ]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} cannot be combined: use one of them.")

    from wizard.api.update_receipts import UpdateReceipt

    with local_store(options.home_folder()) as store:
        receipt, now = find_stored(prefix, _sent(store), "receipt"), store.clock()
    if body:
        print_document(receipt.body)
    elif before:
        if not isinstance(receipt, UpdateReceipt):
            raise NoSuch(
                f"the receipt {receipt.id} records a creation: there is no earlier version"
            )
        print_document(receipt.before)
    elif as_json:
        texts = {"body": receipt.body}
        if isinstance(receipt, UpdateReceipt):
            texts |= {"before": receipt.before, "after": receipt.after}
        print_json(_as_json(receipt) | texts)
    else:
        for label, value in _details(receipt, now):
            if value:
                print_line(f"{label}: {value}")
        if receipt.is_open and not receipt.settled:
            where = (
                "the assistant"
                if isinstance(receipt, UpdateReceipt)
                else "the list of your assistants"
            )
            report(
                f"The outcome of this attempt is unknown: check {where} before you send it again."
            )
    return 0


def _sent(store: "Store") -> "list[Receipt | UpdateReceipt]":
    """Return the receipts of creations and of updates."""
    return [*receipts_in(store).all(), *updates_in(store).all()]


def _assistant(receipt: "Receipt | UpdateReceipt") -> str:
    from wizard.api.update_receipts import UpdateReceipt

    return receipt.assistant if isinstance(receipt, UpdateReceipt) else receipt.assistant_id or ""


def _as_json(receipt: "Receipt | UpdateReceipt") -> dict[str, Any]:
    """Return a receipt for programs; members of `submit --json` have the same name here."""
    from wizard.api.update_receipts import UpdateReceipt

    company = {} if isinstance(receipt, UpdateReceipt) else {"company_name": receipt.company}
    members = {
        "receipt": receipt.id,
        "outcome": receipt.kind or "unknown",
        "id": _assistant(receipt) or None,
        "status": receipt.status,
        "message": receipt.message,
        "title": receipt.title or _NO_ANSWER,
        "name": receipt.name,
        **company,
        "target": receipt.target,
        "host": receipt.host,
        "draft": receipt.draft,
        "sent": receipt.sent.isoformat(),
        "seconds": receipt.seconds,
        "settled": receipt.settled.isoformat() if receipt.settled else None,
    }
    if isinstance(receipt, UpdateReceipt):
        return members | {"request": "update", "not_kept": list(receipt.not_kept)}
    known = receipt.known
    return members | {
        "hash": receipt.hash,
        "key_end": receipt.key_end,
        "known": {"ids": sorted(known.ids), "without_id": known.without} if known else None,
    }


def _details(receipt: "Receipt | UpdateReceipt", now: datetime) -> Iterator[tuple[str, str]]:
    from wizard.api.outcomes import local_time
    from wizard.api.update_receipts import UpdateReceipt
    from wizard.storage.session import ago

    yield "receipt", receipt.id
    yield "request", "update" if isinstance(receipt, UpdateReceipt) else ""
    yield "outcome", receipt.title or _NO_ANSWER
    yield "assistant", _assistant(receipt)
    yield "status", str(receipt.status or "")
    yield "message", " ".join(receipt.message.split())
    yield "name", receipt.name
    yield "company", "" if isinstance(receipt, UpdateReceipt) else receipt.company
    yield "target", f"{receipt.host} ({receipt.target})"
    yield "draft", receipt.draft
    yield "sent", f"{local_time(receipt.sent)} ({ago(receipt.sent, now)})"
    yield "took", "" if receipt.seconds is None else f"{receipt.seconds:.1f} s"
    yield "settled", local_time(receipt.settled) if receipt.settled else ""
    if isinstance(receipt, UpdateReceipt):
        yield "read back differently", ", ".join(receipt.not_kept)
        return
    yield "hash", f"sha256 {receipt.hash}"
    yield "key", f"salted hash {receipt.key_end}" if receipt.key_end else ""
    yield "known before", _known_before(receipt.known)


def _known_before(known: "Known | None") -> str:
    """Return the assistants of the same name and company that existed before."""
    if known is None:
        return "not known"
    unnamed = [f"{known.without} without an id"] if known.without else []
    return ", ".join([*sorted(known.ids), *unnamed]) or "none of this name and company"
