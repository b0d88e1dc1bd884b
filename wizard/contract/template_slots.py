"""Reads the placeholders of a WhatsApp template from its text."""

import re
from collections.abc import Mapping
from typing import Any

from wizard.contract.choices import SECTIONS

_PLACEHOLDER = re.compile(r"\{\{\s*(\d+)\s*\}\}")
_PART = re.compile(r"^(header|button)\s*:", re.IGNORECASE)


def read_slots(template: str) -> list[dict[str, Any]]:
    """Return the placeholders of a template's text, such as `{{1}}`, as values of `Slot`.

    A line that begins with `header:` belongs to the header, and each line that begins with
    `button:` is one button. Other lines are the body. A repeated number in a part is one slot.
    """
    slots: dict[str, dict[str, Any]] = {}
    button = -1
    for line in template.split("\n"):
        marked = _PART.match(line)
        section = marked[1].lower() if marked else "body"
        button += section == "button"
        for number in map(int, _PLACEHOLDER.findall(line)):
            place, part = {"index": number}, section
            if section == "button":
                place, part = {"index": button, "sub_index": number}, f"button {button}"
            label = f"{part} {{{{{number}}}}}"
            slots.setdefault(label, {"section": section, **place, "label": label})
    return sorted(slots.values(), key=_order)


def _order(slot: Mapping[str, Any]) -> tuple[int, int, int]:
    return (list(SECTIONS).index(slot["section"]), slot["index"], slot.get("sub_index", 0))
