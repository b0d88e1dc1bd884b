"""Opens an existing assistant, or copies it into a new draft in the published form."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from wizard.api.records import Record
from wizard.contract.app_forms import app_form, app_forms_in, form_at, language_codes
from wizard.contract.assistant import FIELD_ORDER
from wizard.contract.choices import IMAGES, LANGUAGES, OPT_OUT_SCRIPT
from wizard.draft.draft import Draft
from wizard.draft.origin import Origin
from wizard.errors import Unreadable
from wizard.exchange.importing import (
    Candidate,
    Candidates,
    Converted,
    Imported,
    Left,
    TextKind,
    is_added_by_server,
    take,
    too_large,
)
from wizard.formats import paths
from wizard.formats.paths import MISSING, Path

# QCall's app counts from 0 to 1, the document from 1 to 10.
_HALF_VOLUME: Final = 5


def copied(record: Record, today: date | None = None) -> Imported:
    """Return a draft of a new assistant like an existing one, and the report of the copy.

    The report has every value that was converted to the document's form, and everything that has no
    place in it. `today` is the day that the app's days are counted from.
    """
    copy = _Copy(Record.of(record.masked_text).data, today or date.today())  # noqa: DTZ011 - local
    candidate = Candidate(TextKind.COPY, copy.payload, tuple(copy.left))
    imported = take(Candidates(f"the assistant {record.name}", (candidate,)))
    changed = (*copy.changed, *imported.report.changed)
    return replace(imported, report=replace(imported.report, changed=changed))


def opened_draft(record: Record, base_url: str) -> Draft:
    """Return a draft that changes an assistant of a target.

    Raises Unreadable if it is too large for the form.
    """
    if reason := too_large(record.data):
        raise Unreadable(record.name, f"{reason}. `qcall-wizard update` takes any size")
    return Draft.opened(Origin.of(record, base_url))


class _Copy:
    """The payload of a copy while it is made, and what became of its values."""

    def __init__(self, data: Mapping[str, Any], today: date) -> None:
        self.payload: dict[str, Any] = dict(data)
        self.changed: list[Converted] = []
        self.left: list[Left] = []
        self._today = today
        self._leave_unknown()
        self._leave_actions()
        for path in app_forms_in(self.payload):
            self._convert(path)

    def _leave_unknown(self) -> None:
        for name in [each for each in self.payload if each not in FIELD_ORDER]:
            why = "added by the server" if is_added_by_server(name) else "the document has no place"
            self.left.append(Left(name, why))
            del self.payload[name]

    def _leave_actions(self) -> None:
        """Leave out the actions of QCall's app that the document does not have."""
        actions = self.payload.get("actions")
        if not isinstance(actions, list):
            return
        own = [n for n in range(len(actions)) if form_at(self.payload, ("actions", n, "type"))]
        for number in own:
            kind = actions[number]["type"]
            self.left.append(Left(f"actions[{number}]", f"the document has no action {kind!r}"))
        self.payload["actions"] = [a for n, a in enumerate(actions) if n not in own]

    def _convert(self, path: Path) -> None:
        """Convert a value to the document's form, or leave it out."""
        before = paths.get(self.payload, path)
        after = self._meant(str(path[-1]), before)
        if after is MISSING:
            self.left.append(Left(paths.write(path), app_form(self.payload, path)))
        else:
            self.changed.append(Converted(path, before, after))
        self.payload = dict(paths.put(self.payload, path, after))

    def _meant(self, name: str, value: Any) -> Any:
        """Return the document's form of a value, or `MISSING` without one."""
        if name == "startDate":
            return (self._today + timedelta(days=int(value))).isoformat()
        convert = _CONVERSIONS.get(name)
        return convert(value) if convert else MISSING


def _first_language(value: Any) -> Any:
    return next((code for code in language_codes(value) if code in LANGUAGES), MISSING)


def _only_one(value: Any) -> Any:
    return value[0] if value and len(value) == 1 else MISSING


_CONVERSIONS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "language": _first_language,
    "fillers": lambda _: [],
    "ai_model_id": lambda _: "1",
    "knowledge_base_Id": _only_one,
    "opt_out_script": lambda _: OPT_OUT_SCRIPT,
    "assistant_image": lambda _: next(iter(IMAGES)),
    "background_volume": lambda _: _HALF_VOLUME,
    "meetingType": lambda _: "openBooking",
}
