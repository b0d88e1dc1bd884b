"""Exports a payload as a file, or as a program that sends exactly the wizard's bytes.

No export contains a key. Programs read the API key and the key inside `widget_config` from the
environment. In JSON and YAML the latter is masked.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from wizard.api.client import CREATE
from wizard.api.http_client import LIMITS
from wizard.contract.masking import MASK, SECRET, has_secret, masked
from wizard.draft.draft import Payload
from wizard.exchange.differences import same
from wizard.exchange.export_formats import ExportFormat
from wizard.formats import paths
from wizard.formats.json_text import dump, unwrap
from wizard.formats.paths import MISSING
from wizard.formats.text import normal_newlines
from wizard.formats.yaml_text import parse_yaml
from wizard.settings import API, Target

if TYPE_CHECKING:
    from ruamel.yaml import YAML

KEY_VARIABLE: Final = "QCALL_API_KEY"
WIDGET_KEY_VARIABLE: Final = "QCALL_WIDGET_KEY"
_MASKED_COMMENT: Final = "masked: write the key in before this is sent"


def export(payload: Payload, form: ExportFormat, base_url: str) -> str:
    """Return a payload in another form, without the final newline of its file.

    `base_url` is the address that the programs send it to: see `address`.
    """
    return _WRITERS[form](payload, base_url + CREATE)


def address(target: Target) -> str:
    """Return the base URL for an export. Programs cannot reach the built-in sandbox."""
    return API if target.is_sandbox else target.base_url


def note(data: Mapping[str, Any], form: ExportFormat) -> str:
    """Return a sentence about the widget's key in an export, or an empty string."""
    if not has_secret(data):
        return ""
    place = paths.write(SECRET)
    if form.sends:
        # An editor inserts the variable as it is; the programs encode it.
        how = (
            ' as JSON writes it, with \\ before each " and \\,' if form is ExportFormat.HTTP else ""
        )
        return f"{place} is not included. Set {WIDGET_KEY_VARIABLE} to that key{how} to run it."
    return f"{place} is masked. Enter the key before sending."


# The forms


def _json(payload: Payload, _: str) -> str:
    return payload.text if not has_secret(payload.data) else dump(masked(payload.data))


def _yaml(payload: Payload, _: str) -> str:
    text = as_yaml(masked(payload.data))
    if not has_secret(payload.data):
        return text
    lines = text.split("\n")
    lines[_line_of_key(lines, "widget_config:", "  api_key: ")] += f"  # {_MASKED_COMMENT}"
    return "\n".join(lines)


_END: Final = "QCALL_END"
# Prints the widget's key as the inside of a JSON text; byte by byte, which each awk can do.
_ESCAPE: Final = f"""LC_ALL=C {WIDGET_KEY_VARIABLE}="${WIDGET_KEY_VARIABLE}" awk 'BEGIN {{
  for (i = 1; i < 32; i++) escaped[sprintf("%c", i)] = sprintf("\\\\u%04x", i)
  escaped["\\""] = "\\\\\\""; escaped["\\\\"] = "\\\\\\\\"
  key = ENVIRON["{WIDGET_KEY_VARIABLE}"]
  for (i = 1; i <= length(key); i++) {{
    c = substr(key, i, 1)
    printf "%s", (c in escaped) ? escaped[c] : c
  }}
}}'"""


def _curl(payload: Payload, url: str) -> str:
    """Return a pipe into curl. A shell does not expand anything in a quoted heredoc.

    The last line is printed separately, because a heredoc would add a newline.
    """
    body = "\n".join(_shell_lines(payload.data))
    needed = f': "${{{WIDGET_KEY_VARIABLE}:?has to hold the key of the widget}}" && '
    return f"""{needed if has_secret(payload.data) else ""}{{
{body}
}} | curl --silent --show-error \\
  --header 'Content-Type: application/json' --header 'Accept: application/json' \\
  --header "x-api-key: ${{{KEY_VARIABLE}:?has to hold the API key}}" \\
  --data-binary @- {shlex.quote(url)}"""


def _shell_lines(data: Mapping[str, Any]) -> Iterator[str]:
    *before, last = _blocks(data)
    for piece in before:
        if isinstance(piece, _Key):
            before_key, after_key = shlex.quote(piece.before), shlex.quote(piece.after)
            yield f"printf '%s%s%s\\n' {before_key} \"$({_ESCAPE})\" {after_key}"
        else:
            yield f"cat <<'{_END}'\n{piece}\n{_END}"
    yield f"printf '%s' {shlex.quote(str(last))}"


def _python(payload: Payload, url: str) -> str:
    lines = "\n".join(_python_lines(payload.data))
    more = "import json\n" if has_secret(payload.data) else ""
    return f'''{more}import os

import httpx

BODY = (
{lines}
)

answer = httpx.post(
    {json.dumps(url)},
    content=BODY.encode(),
    headers={{
        "Content-Type": "application/json",
        "Accept": "application/json",
        "x-api-key": os.environ["{KEY_VARIABLE}"],
    }},
    timeout={LIMITS.total:.0f},
)
print(answer.status_code, answer.text)'''


def _python_lines(data: Mapping[str, Any]) -> Iterator[str]:
    *before, last = _blocks(data)
    for piece in before:
        if isinstance(piece, _Key):
            key = f'json.dumps(os.environ["{WIDGET_KEY_VARIABLE}"], ensure_ascii=False)'
            yield f"    {piece.before[:-1]!r} + {key} + {piece.after[1:] + chr(10)!r} +"
        else:
            for line in piece.split("\n"):
                yield f"    {line + chr(10)!r}"
    yield f"    {last!r}"


def _http(payload: Payload, url: str) -> str:
    """Return the form that editors read, with their variables in double braces."""
    body = "\n".join(
        f"{piece.before}{{{{$processEnv {WIDGET_KEY_VARIABLE}}}}}{piece.after}"
        if isinstance(piece, _Key)
        else piece
        for piece in _blocks(payload.data)
    )
    return f"""POST {url}
Content-Type: application/json
Accept: application/json
x-api-key: {{{{$processEnv {KEY_VARIABLE}}}}}

{body}"""


class _Key:
    """The line with the widget's key: the text before and after it, including the quotes."""

    def __init__(self, line: str) -> None:
        self.before, self.after = line.split(MASK)


def _blocks(data: Mapping[str, Any]) -> list["str | _Key"]:
    """Return the sent text in blocks of lines. The last line, a brace, is separate."""
    *lines, last = dump(masked(data)).split("\n")
    if not has_secret(data):
        return ["\n".join(lines), last]
    place = _line_of_key(lines, '  "widget_config": {', '    "api_key": ')
    before, after = lines[:place], lines[place + 1 :]
    return ["\n".join(before), _Key(lines[place]), "\n".join(after), last]


def _line_of_key(lines: list[str], group: str, name: str) -> int:
    """Return the line number of the widget's key: the first at its indent inside its object."""
    start = lines.index(group)
    return next(at for at in range(start, len(lines)) if lines[at].startswith(name))


_WRITERS: Final[Mapping[ExportFormat, Callable[[Payload, str], str]]] = {
    ExportFormat.JSON: _json,
    ExportFormat.YAML: _yaml,
    ExportFormat.CURL: _curl,
    ExportFormat.PYTHON: _python,
    ExportFormat.HTTP: _http,
}


# YAML


def as_yaml(data: Mapping[str, Any]) -> str:
    """Return a payload as YAML that YAML 1.1 and 1.2 parsers read the same way, with its secret.

    Texts are quoted, or in blocks if they have several lines, so that none is parsed as a number, a
    date or a boolean. The final newline is omitted.
    """
    return "\n".join(_members(data, "")) or "{}"


def _members(members: Mapping[str, Any], indent: str) -> Iterator[str]:
    for name, value in members.items():
        yield from _placed(f"{indent}{_name(name)}:", value, indent)


def _items(items: list[Any], indent: str) -> Iterator[str]:
    for item in items:
        first, *rest = _placed(f"{indent}-", item, indent)
        if isinstance(item, dict | list) and item:
            # The content begins on the line of its dash.
            first, *rest = rest
            first = f"{indent}- {first[len(indent) + 2 :]}"
        yield from (first, *rest)


def _placed(start: str, value: Any, indent: str) -> Iterator[str]:
    """Yield a value after the start of its line, or in the lines below."""
    inner = indent + "  "
    match value:
        case dict() if value:
            yield start
            yield from _members(value, inner)
        case list() if value:
            yield start
            yield from _items(value, inner)
        case str() if _fits_block(value):
            kept = len(value) - len(value.rstrip("\n"))
            yield f"{start} |{_CHOMPING[min(kept, 2)]}"
            for line in value.removesuffix("\n").split("\n"):
                yield inner + line if line else ""
        case _:
            yield f"{start} {_scalar(value)}"


# A block ends without a newline, with one, or with all of them.
_CHOMPING: Final = ("-", "", "+")
# Characters that YAML forbids, or that a terminal or an editor would interpret.
_ESCAPED: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_PLAIN_NAME: Final = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_WORDS: Final = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))


def _fits_block(text: str) -> bool:
    """Return whether a text fits a block: several lines, first not indented, none only spaces."""
    lines = text.split("\n")
    return (
        len(lines) > 1
        and lines[0] != ""
        and not lines[0].startswith((" ", "\t"))
        and not any(map(str.isspace, lines))
        and not _ESCAPED.search(text)
    )


def _name(name: str | int) -> str:
    plain = _PLAIN_NAME.fullmatch(str(name)) and str(name).lower() not in _WORDS
    return str(name) if plain else _scalar(name)


def _scalar(value: Any) -> str:
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", dump(value))


def rewritten(text: str, data: Mapping[str, Any], name: str) -> str | None:
    """Replace the values in a YAML text and keep its comments.

    Returns None if that is not possible, for example if an alias would change other values too.
    Raises Unreadable if the text is not a payload. The final newline is omitted.
    """
    wanted, text = dict(data), normal_newlines(text.removeprefix("\ufeff"))
    before = unwrap(parse_yaml(text, name), name)
    if same(before, wanted):
        return text.removesuffix("\n")
    writer = _round_trip(text)
    try:
        document = writer.load(text)
        node = _payload_node(document, before)
        _change(node, before, wanted)
        stream = StringIO()
        writer.dump(document, stream)
        made = stream.getvalue()
        kept = unwrap(parse_yaml(made, name), name)
    except Exception:  # ruamel raises many kinds of errors for documents it cannot write
        return None
    return made.removesuffix("\n") if same(kept, wanted) else None


def _round_trip(text: str) -> "YAML":
    """Return a YAML parser that keeps comments and the indent of list items."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - slow to load, and JSON needs none of it

    writer = YAML()
    writer.preserve_quotes = True
    writer.width = 1_000_000
    lines = text.split("\n")
    if any(map(_are_items_indented, lines, lines[1:])):
        writer.indent(mapping=2, sequence=4, offset=2)
    return writer


def _are_items_indented(line: str, below: str) -> bool:
    """Return whether a line is a key with an indented list item below it."""
    key = line.partition(" #")[0].rstrip(" \t")
    return key.endswith(":") and below.startswith(" ") and below.lstrip(" ").startswith("- ")


def _payload_node(document: Any, payload: Mapping[str, Any]) -> Any:
    """Return the payload's node: the document, or the content of the API's envelope."""
    if document.keys() == payload.keys():
        return document
    data = document["data"]
    return data[0] if isinstance(data, list) else data


def _change(node: Any, before: Any, after: Any) -> None:
    """Change a node to `after`, without touching values that are equal."""
    if isinstance(before, dict):
        for name in before.keys() - after.keys():
            del node[name]
        for name, value in after.items():
            _change_at(node, name, before.get(name, MISSING), value)
        return
    del node[len(after) :]
    for place, value in enumerate(after):
        if place < len(before):
            _change_at(node, place, before[place], value)
        else:
            node.append(_fresh(value))


def _change_at(node: Any, place: Any, before: Any, after: Any) -> None:
    if before is not MISSING and same(before, after):
        return
    if type(before) is type(after) and isinstance(after, dict | list) and before and after:
        _change(node[place], before, after)
    else:
        node[place] = _fresh(after)


def _fresh(value: Any) -> Any:
    """Return a value for ruamel to write, with texts in the style of `as_yaml`."""
    from ruamel.yaml import scalarstring  # noqa: PLC0415 - slow to load

    match value:
        case dict():
            return {name: _fresh(member) for name, member in value.items()}
        case list():
            return [_fresh(item) for item in value]
        case str() if _fits_block(value):
            return scalarstring.LiteralScalarString(value)
        case str():
            return scalarstring.DoubleQuotedScalarString(value)
        case float() if (
            value.is_integer() and abs(value) < 1e16
        ):  # larger ones are written as 1e+16
            return int(value)
    return value
