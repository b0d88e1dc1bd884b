"""The placeholders of a WhatsApp template: read from its text, labelled, aligned with hints."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from wizard.contract.choices import SECTIONS

_PLACEHOLDER = re.compile(r"\{\{\s*(\d{1,9})\s*\}\}")
_NAMED = re.compile(r"\{\{\s*([^\W\d]\w*)\s*\}\}")
_PART = re.compile(r"^(header|button)\s*:", re.IGNORECASE)
# The signs between the text of a button and its address.
_SEPARATORS: Final = str.maketrans(dict.fromkeys("|,;:", " "))
_LONGEST_TEXT: Final = 24


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder that takes a hint, such as `Button 0 (Track order) {{1}}`.

    `line` is the template's line with it, empty if the text is unknown; `spans` are its places in
    that line.
    """

    label: str
    line: str = ""
    spans: tuple[tuple[int, int], ...] = ()


def read_slots(template: str) -> list[dict[str, Any]]:
    """Return the placeholders of a template's text, such as `{{1}}`, as values of `Slot`.

    A line that begins with `header:` belongs to the header, and each line that begins with
    `button:` is one button. Other lines are the body. A repeated number in a part is one slot.
    """
    slots: dict[str, dict[str, Any]] = {}
    for section, button, line in _lines(template):
        for number in map(int, _PLACEHOLDER.findall(line)):
            place, part = {"index": number}, section
            if section == "button":
                place, part = {"index": button, "sub_index": number}, f"button {button}"
            label = f"{part} {{{{{number}}}}}"
            slots.setdefault(label, {"section": section, **place, "label": label})
    return sorted(slots.values(), key=_order)


def _lines(template: str) -> Iterator[tuple[str, int, str]]:
    """The lines of a template, each with its section and the number of its button."""
    button = -1
    for line in template.split("\n"):
        marked = _PART.match(line)
        section = marked[1].lower() if marked else "body"
        button += section == "button"
        yield section, button, line


def _order(slot: Mapping[str, Any]) -> tuple[int, int, int]:
    return (list(SECTIONS).index(slot["section"]), slot["index"], slot.get("sub_index", 0))


def count_words(template: Any) -> str:
    """The number of placeholders in a template's text, such as `5 placeholders found`.

    Named ones, such as `{{name}}`, have no place in the request, which counts its slots.
    """
    if not template or not isinstance(template, str):
        return ""
    count = len(read_slots(template))
    found = f"{count} placeholder{'s' * (count > 1)} found."
    named = list(dict.fromkeys(_NAMED.findall(template)))
    if not named:
        return found if count else "No placeholders found. Write them as {{1}}."
    more = f" and {len(named) - 1} more take" if len(named) > 1 else " takes"
    why = f"{{{{{named[0]}}}}}{more} no hint: QCall fills numbered ones alone. Write {{{{1}}}}."
    return f"{found} {why}" if count else why


def placeholders(content: Any) -> list[Placeholder]:
    """The placeholders of a template's content that take a hint; an authentication code has one."""
    slots = _slots(content)
    if not slots:
        return []
    text = content.get("template_text")
    texts = _Texts(text if isinstance(text, str) else "")
    found = [_placeholder(slot, texts) for slot in slots[: _needed(content, slots)]]
    if len(found) < len(slots):
        return [Placeholder("All placeholders", found[0].line, found[0].spans)]
    return found


def _slots(content: Any) -> list[Mapping[str, Any]]:
    """The slots of a content; none if they are not what the contract wants."""
    slots = content.get("parameter_slots") if isinstance(content, Mapping) else None
    if not isinstance(slots, list) or not all(isinstance(slot, Mapping) for slot in slots):
        return []
    return slots


def _needed(content: Mapping[str, Any], slots: Sequence[Any]) -> int:
    """How many hints the slots of a content take."""
    return min(len(slots), 1) if content.get("category") == "AUTHENTICATION" else len(slots)


class _Texts:
    """The lines of a template, by the placeholders in them and by the numbers of its buttons."""

    def __init__(self, template: str) -> None:
        self.buttons: dict[int, str] = {}
        self._places: dict[tuple[str, int, int], tuple[str, list[tuple[int, int]]]] = {}
        for section, button, line in _lines(template):
            if section == "button":
                self.buttons[button] = _button_text(line)
            for found in _PLACEHOLDER.finditer(line):
                key = (section, button if section == "button" else 0, int(found[1]))
                first, spans = self._places.setdefault(key, (line, []))
                if first is line:
                    spans.append(found.span())

    def place(
        self, section: Any, button: Any, number: Any
    ) -> tuple[str, tuple[tuple[int, int], ...]]:
        """The first line with a placeholder, and its places there."""
        line, spans = self._places.get((section, button, number), ("", []))
        return line, tuple(spans)


def _placeholder(slot: Mapping[str, Any], texts: _Texts) -> Placeholder:
    section, index, number = slot.get("section"), slot.get("index"), slot.get("index")
    button: Any = 0
    label = str(section).capitalize()
    if section == "button":
        number, button = slot.get("sub_index"), index
        text = texts.buttons.get(index, "") if isinstance(index, int) else ""
        label += f" {index} ({text})" if text else f" {index}"
    # A file may have anything there.
    is_plain = isinstance(section, str) and isinstance(button, int) and isinstance(number, int)
    line, spans = texts.place(section, button, number) if is_plain else ("", ())
    return Placeholder(f"{label} {{{{{number}}}}}", line, spans)


def _button_text(line: str) -> str:
    """The words of a button's line, without its address."""
    parts = _PLACEHOLDER.sub("{{}}", _PART.sub("", line)).split()
    words = " ".join(part for part in parts if "://" not in part and "{{" not in part)
    text = " ".join(words.translate(_SEPARATORS).split())
    return text if len(text) <= _LONGEST_TEXT else ""


def _key(slot: Mapping[str, Any]) -> str:
    """What identifies a placeholder, whatever its place among the others."""
    return f"{slot.get('section')} {slot.get('index')} {slot.get('sub_index', '')}".rstrip()


def slots_from_text(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Derive the slots from a template's text, and keep each hint with its placeholder."""
    text = content.get("template_text")
    slots = read_slots(text) if isinstance(text, str) else []
    derived = {"parameter_slots": slots} if content.get("parameter_slots") != slots else {}
    return derived | _hints(content, slots)


def hints_from_category(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Derive the hints of a template's category: one for all placeholders, or one for each."""
    slots = _slots(content)
    return _hints(content, slots) if slots else {}


def _hints(content: Mapping[str, Any], slots: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The hints for slots, and the hints of all placeholders that ever had one.

    A placeholder that comes back gets its hint again.
    """
    given, known = content.get("parameter_hints"), content.get("known_hints")
    hints = given if isinstance(given, list) else []
    before = [_key(slot) for slot in _slots(content)]
    # Hints that were written before their placeholders are meant in their order.
    before += [key for key in map(_key, slots) if key not in before]
    kept = {**known} if isinstance(known, Mapping) else {}
    kept.update(zip(before, hints, strict=False))
    keys = [_key(slot) for slot in slots[: _needed(content, slots)]]
    derived: dict[str, Any] = {}
    if (aligned := [*(kept.get(key, "") for key in keys), *hints[len(before) :]]) != hints:
        derived["parameter_hints"] = aligned
    if kept and kept != known:
        derived["known_hints"] = kept
    return derived
