"""The command `drift`: what a newer published document has that this program does not know."""

from wizard.commands.output import say, say_json, tell
from wizard.drift.comparison import Drift, Sort, drifts
from wizard.formats.files import STANDARD_INPUT, is_yaml, read_bytes
from wizard.formats.json_text import parse_json
from wizard.formats.yaml_text import parse_yaml

_DIFFERENT = 1


def run(file: str, *, as_json: bool) -> int:
    """Print what a document differs in; known oddities are told and do not count.

    Raises Unreadable.
    """
    name, data = STANDARD_INPUT if file == "-" else file, read_bytes(file)
    yaml = is_yaml(data, name)
    document = parse_yaml(data, name, any_keys=True) if yaml else parse_json(data, name)
    found = drifts(document, name)
    for drift in found:
        if as_json:
            say_json(drift.as_json())
        else:
            say(f"{drift.place}: {drift.sort}: {drift.says}")
    new = [drift for drift in found if drift.sort is not Sort.KNOWN]
    tell(_summary(name, new, len(found) - len(new)))
    return _DIFFERENT if new else 0


def _summary(name: str, new: list[Drift], known: int) -> str:
    oddities = f"{known} known {'oddity' if known == 1 else 'oddities'}"
    if not new:
        return f"{name} says what this program knows, with {oddities}: nothing to do."
    count = "1 difference" if len(new) == 1 else f"{len(new)} differences"
    return (
        f"{name}: {count} beside {oddities}. Look for a newer qcall-wizard; until then a payload's"
        " file may hold what is new, which is sent as it stands."
    )
