"""What a command is given to read: a payload in a file, a draft, a receipt or a template."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wizard.commands.kept import find, kept
from wizard.commands.receipts import find_receipt, open_receipts
from wizard.contract.masking import is_masked
from wizard.draft.draft import Draft
from wizard.errors import NoSuch, Unreadable
from wizard.formats.files import STANDARD_INPUT, is_yaml, parse, read_bytes
from wizard.formats.json_text import dump, parse_json, unwrap
from wizard.storage.store import Store

# What an id that may be cut short looks like, and the name of a template.
_ID = re.compile("[0-9a-fA-F]{1,8}")
_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9_-]*")

MASKED = (
    "widget_config.api_key is masked: the stars stood for a key where this was printed. Write the "
    "key in, or take the field out"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A payload, valid or not, as it would be sent; `name` is what errors call it.

    `draft` is the id where it is a draft, `yaml` the text where it came from a YAML file.
    """

    name: str
    data: Mapping[str, Any]
    draft: str = ""
    yaml: str = ""


def from_file(file: str) -> Source:
    """The payload in a file, or on standard input for `-`; Unreadable."""
    name = STANDARD_INPUT if file == "-" else file
    data = read_bytes(file)
    payload = unwrap(parse(data, name), name)
    text = data.decode().removeprefix("\ufeff") if is_yaml(data, name) else ""
    return Source(name, payload, yaml=text)


def from_named(wanted: str, home: Path) -> Source:
    """A payload by the name of a file, the id of a draft or receipt, or a template's name.

    A file of that name wins. Raises Unreadable, NoSuch, StoreTrouble and Damaged.
    """
    if wanted == "-" or os.path.lexists(wanted) or not _NAME.fullmatch(wanted):
        return from_file(wanted)
    if _ID.fullmatch(wanted) and (found := _from_store(wanted, home)):
        return found
    return _from_template(wanted, home)


def _from_store(wanted: str, home: Path) -> Source | None:
    with kept(home) as store:
        drafts = [line.id for line in [*store.drafts(), *store.drafts(deleted=True)]]
        if any(draft.startswith(wanted.lower()) for draft in drafts):
            return of_draft(store, find(wanted, drafts, "draft", "qcall-wizard drafts"))
        if any(receipt.id.startswith(wanted.lower()) for receipt in open_receipts(store).all()):
            receipt = find_receipt(store, wanted)
            name = f"the receipt {receipt.id}"
            return Source(name, unwrap(parse_json(receipt.body, name), name))
    return None


def of_draft(store: Store, draft_id: str) -> Source:
    """The payload of a draft as it stands."""
    draft = store.load(draft_id)
    return Source(f"the draft {draft.id}", draft.compose(), draft=draft.id)


def _from_template(wanted: str, home: Path) -> Source:
    from wizard.templates.library import find_template, template_names

    if wanted not in template_names(home):
        raise NoSuch(
            f"there is no file {wanted!r}, and no draft, receipt or template of that name: "
            "`qcall-wizard drafts`, `receipts` and `templates` list those"
        )
    draft = Draft()
    draft.start_from(find_template(wanted, home))
    return Source(f"the template {wanted}", draft.compose())


def refuse_masked(source: Source, line: int = 0) -> None:
    """Raise Unreadable where a secret is only stars."""
    if is_masked(source.data):
        raise Unreadable(source.name, MASKED, line, 1 if line else 0)


def text_of(data: Mapping[str, Any]) -> str:
    """The text of a request."""
    return dump(dict(data))
