"""Reads the payload that a command line names: a file, a draft, a receipt or a template."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wizard.commands.local_store import all_drafts, find_stored, local_store, receipts_in
from wizard.commands.output import report
from wizard.contract.masking import is_masked
from wizard.draft.draft import Draft
from wizard.errors import NoSuch, Unreadable
from wizard.exchange.envelope import payload_in
from wizard.exchange.exporting import rewritten
from wizard.formats.files import is_yaml, parse, read_bytes, shown_name
from wizard.formats.json_members import Node
from wizard.formats.json_text import dump, parse_json

_ID = re.compile("[0-9a-fA-F]{1,8}")
_TEMPLATE_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9_-]*")

MASKED = (
    "widget_config.api_key is masked, because the payload was printed by a command. Enter the key "
    "again, or remove the field"
)


@dataclass(frozen=True, slots=True)
class PayloadSource:
    """A payload, valid or not.

    `name` is for messages, `draft` the id if it is a draft, `yaml` the text if it is a YAML file,
    and `assistant` the id of the existing assistant that a draft changes. `sample` are the values
    of variables that its template has.
    """

    name: str
    data: Mapping[str, Any]
    draft: str = ""
    yaml: str = ""
    sample: Mapping[str, str] = field(default_factory=dict)
    assistant: str = ""

    def with_comments(self, data: Mapping[str, Any]) -> str | None:
        """Return `data` as YAML with the comments of the file; None if the file is not YAML.

        Comments that cannot be kept are reported.
        """
        if not self.yaml:
            return None
        text = rewritten(self.yaml, data, self.name)
        if text is None:
            report(f"{self.name}: its comments could not be kept.")
        return text


def read_file(file: str) -> PayloadSource:
    """Read the payload in a file, or on standard input for `-`. Raises Unreadable."""
    return source_of(read_bytes(file), shown_name(file))


def source_of(data: bytes, name: str) -> PayloadSource:
    """Return the payload in the content of a file. Raises Unreadable."""
    payload = payload_in(parse(data, name), name)
    text = data.decode().removeprefix("\ufeff") if is_yaml(data, name) else ""
    return PayloadSource(name, payload, yaml=text)


def raw_text(file: str) -> str:
    """Return the payload in a file as JSON, as it is written in a JSON file. Raises Unreadable."""
    name = shown_name(file)
    data = read_bytes(file)
    payload = payload_in(parse(data, name), name)
    if is_yaml(data, name):
        return dump(payload)
    node = Node.of(data.decode().removeprefix("\ufeff"))
    inner = node.member("data")
    if inner is None or node.value == payload:
        return node.raw
    return inner.items[0].raw if inner.items else inner.raw


def read_source(name: str, home: Path) -> PayloadSource:
    """Read a payload by the name of a file or template, or the id of a draft or receipt.

    A file has precedence. Raises Unreadable, NoSuch, StoreTrouble and Damaged.
    """
    if name == "-" or os.path.lexists(name) or not _TEMPLATE_NAME.fullmatch(name):
        return read_file(name)
    if _ID.fullmatch(name) and (found := _from_store(name, home)):
        return found
    return _from_template(name, home)


def _from_store(prefix: str, home: Path) -> PayloadSource | None:
    with local_store(home) as store:
        drafts = all_drafts(store)
        if any(line.id.startswith(prefix.lower()) for line in drafts):
            draft = store.load(find_stored(prefix, drafts, "draft").id)
            sample = draft.based_on.sample if draft.based_on else {}
            changes = draft.origin.assistant if draft.origin else ""
            name = f"the draft {draft.id}"
            return PayloadSource(
                name, draft.compose(), draft=draft.id, sample=sample, assistant=changes
            )
        receipts = receipts_in(store).all()
        if any(receipt.id.startswith(prefix.lower()) for receipt in receipts):
            receipt = find_stored(prefix, receipts, "receipt")
            name = f"the receipt {receipt.id}"
            return PayloadSource(name, payload_in(parse_json(receipt.body, name), name))
    return None


def _from_template(name: str, home: Path) -> PayloadSource:
    from wizard.templates.library import find_template, template_names

    if name not in template_names(home):
        raise NoSuch(
            f"there is no file {name!r}, and no draft, receipt or template of that name: "
            "`qcall-wizard drafts`, `receipts` and `templates` list those"
        )
    draft, template = Draft(), find_template(name, home)
    draft.start_from(template)
    return PayloadSource(f"the template {name}", draft.compose(), sample=template.sample)


def refuse_masked(source: PayloadSource, line: int) -> None:
    """Raise Unreadable if the key of the widget is masked."""
    if is_masked(source.data):
        raise Unreadable(source.name, MASKED, line, 1 if line else 0)
