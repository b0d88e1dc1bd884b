"""Payloads as text: reading, errors with their places, and writing."""

import inspect
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wizard.errors import Unreadable
from wizard.formats import files
from wizard.formats.files import load, parse, read_lines
from wizard.formats.json_text import Json, dump, parse_json, unwrap
from wizard.formats.text import normal_newlines
from wizard.formats.yaml_text import parse_yaml

Parser = Callable[[bytes | str, str], Json]

TEXTS = [
    "👩‍👩‍👧 and 👍🏽",
    "e\u0301 is not é",
    "क्‍ष र्‌क",
    "line\u2028paragraph\u2029next\x85end",
    "\u202eright to left\u202c",
    "a \ufeff mark inside",
    "\r\n, \r and \n",
    " \t trailing \x0c ",
    "".join(map(chr, range(0x20))),
    'quotes " and \\ and / and \x7f',
    "[{[{ NaN Infinity 1e999",
    "\ud800",
    "\U0010ffff\ufffe",
    "",
]


def leaves(text: st.SearchStrategy[str]) -> st.SearchStrategy[Json]:
    numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    return st.none() | st.booleans() | numbers | text


def values(text: st.SearchStrategy[str]) -> st.SearchStrategy[Json]:
    return st.recursive(
        leaves(text),
        lambda inner: st.lists(inner) | st.dictionaries(text, inner),
        max_leaves=20,
    )


ANY = values(st.text() | st.sampled_from(TEXTS))
YAML_CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
YAML_TEXT = st.text(YAML_CHARACTERS | st.sampled_from("\x85\u2028\u2029\ufeff\ue000\t\r\n\0"))


def typed(value: Json) -> object:
    """The value with its types, in which true is not 1, while 1.0 is."""
    match value:
        case dict():
            return [(key, typed(item)) for key, item in value.items()]
        case list():
            return ("list", [typed(item) for item in value])
        case bool() | str() | None:
            return (type(value), value)
        case _:
            return ("number", value)


def refused(read: Callable[[], object]) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read()
    return caught.value


def place(error: Unreadable) -> tuple[int, int]:
    return error.line, error.column


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail, rather than hang, when the block takes longer."""

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# Round trips


@given(ANY)
@settings(deadline=None)
def test_dumped_values_are_read_back(value: Json) -> None:
    text = dump(value)
    assert typed(parse_json(text, "x")) == typed(value)
    assert typed(parse_json(text.encode(), "x")) == typed(value)
    assert dump(parse_json(text, "x")) == text


@given(values(YAML_TEXT))
@example({"<<": "merge", "": ["\ue000\u2028", "no", "2026-12-01", ".nan", "0x1"]})
@settings(deadline=None)
def test_json_is_yaml_too(value: Json) -> None:
    assert typed(parse_yaml(dump(value), "x")) == typed(value)


@given(values(st.text()))
@settings(deadline=None)
def test_strict_json_is_read_like_the_standard_library(value: Json) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=1, ensure_ascii=False)):
        assert typed(parse_json(text, "x")) == typed(json.loads(text))


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_kept_exactly(text: str) -> None:
    assert parse_json(dump({text: [text]}), "x") == {text: [text]}
    assert parse_json(json.dumps([text]), "x") == [text]
    assert parse_yaml(json.dumps([text]), "x") == [text]
    assert parse(dump([text]).encode(), "x") == [text]


FRAGMENTS = [
    *"{}[],:\"'\\|>&*!%#?-@`~\t\n\r 0.a\x85\u2028\ufeff\ud800",
    *("{{", '"a":', "a: ", "- ", "&a ", "*a", "<<: ", "? ", "!!str ", "!!binary ", "[" * 101),
    *("NaN", ".inf", "-Infinity", "1e999", "true", "nul", "\\u12", "\\U", "\\UFFFFFFFF", "//"),
    *("%YAML 1.20\n", "%TAG ! x", "---\n", "...\n"),
]


@pytest.mark.parametrize("read", [parse_json, parse_yaml])
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join) | st.binary())
@settings(deadline=None, max_examples=300)
def test_any_input_gives_a_value_or_an_error_with_its_place(
    read: Parser, data: bytes | str
) -> None:
    try:
        dump(read(data, "x"))
    except Unreadable as caught:
        error = caught
    else:
        return
    assert error.line >= 1
    assert error.column >= 1
    # The name of a character in Unicode has up to 88 characters.
    assert 10 < len(error.reason) < 200
    assert "\n" not in error.reason


# JSON refused

DIGITS = "1" * 10_000

JSON_REFUSED = [
    ("", 1, 1, "it is empty"),
    (" \n\t", 1, 1, "it is empty"),
    ("\ufeff", 1, 1, "it is empty"),
    (b"\xef\xbb\xbf", 1, 1, "it is empty"),
    (b'{"a":\n "\xe9"}', 2, 3, "byte 0xE9 is not UTF-8"),
    (b'\xef\xbb\xbf{"\xff', 1, 3, "byte 0xFF is not UTF-8"),
    ('"ü'.encode() + b"\x80", 1, 3, "byte 0x80 is not UTF-8"),
    (b'"\r\xc0"', 2, 1, "byte 0xC0 is not UTF-8"),
    (b'"\xed\xa0\x80"', 1, 2, "byte 0xED is not UTF-8"),
    ('{"a": 1}'.encode("utf-16"), 1, 1, "UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff" + "[]".encode("utf-16-be"), 1, 1, "UTF-16 text; save it as UTF-8"),
    ('{"a": 1,\n  "a": 2}', 2, 3, 'the key "a" is a duplicate'),
    ('{"😀": 1, "😀": 2}', 1, 10, 'the key "😀" is a duplicate'),
    ('{"a": {"b": 1, "\\u0062": 2}}', 1, 16, 'the key "b" is a duplicate'),
    ('[{"a": 1}, {"a": 1, "c": "a", "a"\r\n: 1}]', 1, 31, 'the key "a"'),
    ('{"a": {"b": 1, "c": [{}]}, "b": 2, "a": 3}', 1, 36, 'the key "a"'),
    ("NaN", 1, 1, "NaN and Infinity"),
    ('{"NaN": "Infinity",\r\n "a": NaN}', 2, 7, "NaN and Infinity"),
    ("[1, Infinity]", 1, 5, "NaN and Infinity"),
    ('["\\"", -Infinity]', 1, 8, "NaN and Infinity"),
    ("[1e308, 1e999]", 1, 9, "too large"),
    ("\n[-1.5E+400]", 2, 2, "too large"),
    (f'{{"n":\n {DIGITS}}}', 2, 2, "more digits"),
    (f"[1, -{DIGITS}]", 1, 5, "more digits"),
    ("{} {}", 1, 4, "remove the rest"),
    ("[]\n]", 2, 1, "remove the rest"),
    ('{"a": 1,}', 1, 8, "comma before a closing bracket"),
    ('["a,]",\r\n 2 ,\n]', 2, 4, "comma before a closing bracket"),
    ('{"a":,}', 1, 6, "not a JSON value"),
    ("[1,,2]", 1, 4, "not a JSON value"),
    ('{"a": True}', 1, 7, "writes true"),
    ("[False]", 1, 2, "writes false"),
    ("[None]", 1, 2, "writes null"),
    ("{'a': 1}", 1, 2, "double quotes"),
    ("{a: 1}", 1, 2, "a key in double quotes"),
    ("{\xa0}", 1, 2, "a key in double quotes"),
    ("# a note\n{}", 1, 1, "no comments"),
    ('{"a": 1 // a note\n}', 1, 9, "no comments"),
    ('{"a" 1}', 1, 6, "colon is missing"),
    ('{"a": 1 "b": 2}', 1, 9, "comma is missing"),
    ('{"a": "say "hi" now"}', 1, 13, "a quote inside a text"),
    ("[01]", 1, 2, "must not begin with 0"),
    ("[.5]", 1, 2, "not a JSON value"),
    ('{"a":\n "x}', 2, 2, "not closed"),
    ('{"a": "x\ny"}', 1, 9, "end on the same line"),
    ('{"a": "x\ty"}', 1, 9, "U+0009 is not allowed in a text; write it as \\u0009"),
    ('["\\q"]', 1, 3, "write \\\\ for a backslash"),
    ('["\\u12"]', 1, 4, "four hexadecimal digits"),
    ('{"a": 1, "b"\n\n', 1, 13, "too early"),
    ("[1,", 1, 4, "too early"),
    ("{", 1, 2, "too early"),
    ("[" * 101 + "]" * 101, 1, 101, "more than 100 deep"),
    ('{"a":' * 101 + "1" + "}" * 101, 1, 501, "more than 100 deep"),
    ('["]]]]",\n' + "[" * 100_000, 2, 100, "more than 100 deep"),
]


@pytest.mark.parametrize(("data", "line", "column", "words"), JSON_REFUSED)
def test_json_is_refused_at_its_place(
    data: bytes | str, line: int, column: int, words: str
) -> None:
    error = refused(lambda: parse_json(data, "a.json"))
    assert (error.line, error.column) == (line, column)
    assert words in error.reason
    assert str(error) == f"a.json, line {line}, column {column}: {error.reason}"


def test_a_hundred_levels_are_read() -> None:
    text = "[" * 100 + "]" * 100
    assert dump(parse_json(text, "x")).count("[") == 100
    assert parse_json(f'[{text[1:-1]}, "{{{{a}}}}"]', "x")
    assert parse_yaml(text, "x") == parse_json(text, "x")


def test_brackets_inside_texts_are_no_depth() -> None:
    script = "{{a}} [[[ {{{{ \\ " * 200
    assert parse_json(dump({"script": script, '{["': [[]]}), "x") == {
        "script": script,
        '{["': [[]],
    }


def test_many_brackets_side_by_side_are_no_depth() -> None:
    assert parse_json("[" + "[[],{}]," * 500 + "1]", "x")


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (parse_json, "[" * 99 + "]" * 99),
        (parse_yaml, "[" * 99 + "]" * 99),
        (parse_yaml, f"- &x {'[' * 59}{']' * 59}\n- {'[' * 39}*x{']' * 39}"),
    ],
)
def test_little_stack_left_is_no_traceback(read: Parser, text: str) -> None:
    read(text, "x")
    limit, used = sys.getrecursionlimit(), len(inspect.stack())
    for left in range(60, 400, 5):
        sys.setrecursionlimit(used + left)
        try:
            read(text, "x")
        except Unreadable as error:
            reason = error.reason
        else:
            reason = ""
        finally:
            sys.setrecursionlimit(limit)
        assert not reason or "more than 100 deep" in reason


def test_the_longest_number_is_read() -> None:
    longest = int("9" * 4300)
    assert parse_json(dump([longest, -longest]), "x") == [longest, -longest]


def test_a_long_key_is_shortened_in_the_error() -> None:
    key = "k" * 100_000
    error = refused(lambda: parse_json(f'{{"{key}": 1, "{key}": 2}}', "x"))
    assert len(error.reason) < 130
    assert error.column == 100_009


def test_a_byte_order_mark_is_dropped_and_takes_no_column() -> None:
    assert parse_json(b'\xef\xbb\xbf{"a": 1}', "x") == {"a": 1}
    assert place(refused(lambda: parse_json(b"\xef\xbb\xbf[NaN]", "x"))) == (1, 2)
    assert parse_yaml(b"\xef\xbb\xbfa: 1", "x") == {"a": 1}


def test_lone_surrogates_are_left_to_the_validation() -> None:
    assert parse_json(r'["\ud800", "\ud83d\ude00"]', "x") == ["\ud800", "😀"]


# YAML

YAML_READ: list[tuple[str, Json]] = [
    (
        "a: no\nb: yes\nc: on\nd: Off\ne: y",
        {"a": "no", "b": "yes", "c": "on", "d": "Off", "e": "y"},
    ),
    ("no: 1", {"no": 1}),
    ("startDate: 2026-12-01", {"startDate": "2026-12-01"}),
    ("- 2026-12-01T10:00:00Z\n- 2026-12-01 10:00", ["2026-12-01T10:00:00Z", "2026-12-01 10:00"]),
    ("- 09:30\n- 9:30 AM\n- 1:2:3\n- 190:20:30", ["09:30", "9:30 AM", "1:2:3", "190:20:30"]),
    ("- 010\n- 0o10\n- 0x1F\n- +12\n- -0\n- 1_000\n- 0b1", [10, 8, 31, 12, 0, "1_000", "0b1"]),
    (
        "- 1.0\n- .5\n- 1e3\n- -1.5E-2\n- 1.\n- .\n- 1.2.3",
        [1.0, 0.5, 1000.0, -0.015, 1.0, ".", "1.2.3"],
    ),
    ("- ~\n- null\n- Null\n-\n- nil", [None, None, None, None, "nil"]),
    ("- true\n- True\n- FALSE\n- tRUE", [True, True, False, "tRUE"]),
    (
        '- "1"\n- \'true\'\n- "null"\n- !!str 12\n- ! 5\n- !!str',
        ["1", "true", "null", "12", "5", ""],
    ),
    ("- =\n- NaN\n- Infinity", ["=", "NaN", "Infinity"]),
    ("%YAML 1.1\n---\na: no\nb: 010", {"a": "no", "b": 10}),
    ("a: &x {k: [1]}\nb: *x\nc: [*x]", {"a": {"k": [1]}, "b": {"k": [1]}, "c": [{"k": [1]}]}),
    ("- &k key\n- {*k : 1}", ["key", {"key": 1}]),
    ("- &x 1\n- &x 2\n- *x", [1, 2, 2]),
    (
        "s: |\n  one\n\n   two \u2028 x\x85y\n  # three\n",
        {"s": "one\n\n two \u2028 x\x85y\n# three\n"},
    ),
    ("s: |-\n  one\n  two\n\n", {"s": "one\ntwo"}),
    ("s: |+\n  one\n\n", {"s": "one\n\n"}),
    ("s: >\n  one\n  two\n", {"s": "one two\n"}),
    ('- "\\N\\L\\P\\_\\e\\x41\\u00e9\\U0001F600"', ["\x85\u2028\u2029\xa0\x1bAé😀"]),
    ('- "\\ud83d\\ude00 \\ud83d"', ["😀 \ud83d"]),
    ('- "\\ue000 \u2028 \ue001"', ["\ue000 \u2028 \ue001"]),
    (
        "- 👩‍👩‍👧\n- e\u0301\n- नमस्ते\u200d\n- a\ufeffb",
        ["👩‍👩‍👧", "e\u0301", "नमस्ते\u200d", "a\ufeffb"],
    ),
    ("url: http://x.y/?a=b#c\nt: it's # note", {"url": "http://x.y/?a=b#c", "t": "it's"}),
    ('{"a":1,\n\t"b":["x"],"c":{}}', {"a": 1, "b": ["x"], "c": {}}),
    ("a: x\r\nb: y\r\n", {"a": "x", "b": "y"}),
    ("--- {a: 1}\n...\n", {"a": 1}),
    ("---", None),
    ("plain text", "plain text"),
]


@pytest.mark.parametrize(("text", "value"), YAML_READ)
def test_yaml_is_read_as_1_2(text: str, value: Json) -> None:
    assert typed(parse_yaml(text, "x")) == typed(value)
    assert typed(parse_yaml(text.encode("utf-8", "surrogatepass"), "x")) == typed(value)


YAML_REFUSED = [
    ("", 1, 1, "it is empty"),
    ("# only a note\n", 1, 1, "it is empty"),
    (b"a: 1\nb: \xff", 2, 4, "byte 0xFF is not UTF-8"),
    ("a: 1".encode("utf-16"), 1, 1, "UTF-16 text"),
    ("a: 1\nb: 2\na: 3", 3, 1, 'the key "a" is a duplicate'),
    ("x:\n  - {a: 1, 'a': 2}", 2, 12, 'the key "a" is a duplicate'),
    ('a: "\u2028"\n"\\u0061": 2', 2, 1, 'the key "a" is a duplicate'),
    ("a: [1, .nan]", 1, 8, "NaN and Infinity"),
    ("a:\r\n  -.INF", 2, 3, "NaN and Infinity"),
    ("a: 1e999", 1, 4, "too large"),
    (f"a: {DIGITS}", 1, 4, "more digits"),
    (f"a: 0x{'f' * 5000}", 1, 4, "more digits"),
    ("a: !!binary aGk=", 1, 4, "the tag !!binary is not supported"),
    ("a: !!timestamp 2026-12-01", 1, 4, "the tag !!timestamp is not supported"),
    ("a:\n  !thing {b: 1}", 2, 3, "the tag !thing is not supported"),
    ("a: !!set {b}", 1, 4, "the tag !!set is not supported"),
    ("a: !!python/object:os.system x", 1, 4, "the tag !!python/object:os.system is not supported"),
    ("a: !u!x y", 1, 4, "found undefined tag handle"),
    ("1: x", 1, 1, "a key must be text"),
    ("a: 1\n~: x", 2, 1, "a key must be text"),
    ("true: x", 1, 1, "a key must be text"),
    ("? [a, b]\n: c", 1, 3, "a key must be text"),
    ("a: &x {b: 1}\nc:\n  <<: *x", 3, 3, "merge keys"),
    ("a: *nothing", 1, 4, "*nothing has no complete anchor"),
    ("a: &x [1, *x]", 1, 11, "*x has no complete anchor before it"),
    ("a: 1\n---\nb: 2", 2, 1, "second document"),
    ("a: [1,\n 2", 2, 3, "a comma or a closing bracket"),
    ('a: "open', 1, 9, "before a quote is closed"),
    ("a: b: c", 1, 5, "a colon too many"),
    ("a: 1\n\tb: 2", 2, 1, "this is a tab"),
    ("a: @home", 1, 4, "put the text in quotes"),
    ('a: "\\q"', 1, 6, "this is not an escape"),
    ('a: "\\UFFFFFFFF"', 1, 1, "an escape or a directive"),
    ("%YAML 1.20\n---\na: 1", 1, 1, "an escape or a directive"),
    ("- a\nb: 1", 2, 1, "does not match the line above"),
    ("a: |\n \n   x", 3, 4, "the empty lines above"),
    ("a: [", 1, 5, "a value is missing here"),
    ("a: x\n  \x07", 2, 3, "the character U+0007"),
    ("a: \x0c", 1, 4, "the character U+000C"),
    ("a: \ud800", 1, 4, "the character U+D800"),
    ("- " * 101 + "x", 1, 201, "more than 100 deep"),
    ("{a: " * 101, 1, 401, "more than 100 deep"),
    ("a: &x [[[1]]]\nb: " + "[" * 97 + "*x" + "]" * 97, 2, 101, "more than 100 deep"),
]


@pytest.mark.parametrize(("data", "line", "column", "words"), YAML_REFUSED)
def test_yaml_is_refused_at_its_place(
    data: bytes | str, line: int, column: int, words: str
) -> None:
    error = refused(lambda: parse_yaml(data, "a.yaml"))
    assert words in error.reason
    assert (error.line, error.column) == (line, column)
    assert error.name == "a.yaml"


def test_a_hundred_thousand_brackets_of_yaml_are_refused() -> None:
    with at_most(20):
        error = refused(lambda: parse_yaml("[" * 100_000, "x"))
    assert place(error) == (1, 101)
    assert "more than 100 deep" in error.reason


def laughs(first: str) -> str:
    lines = [f"a: &a {first}"]
    for before, after in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        laughs("[lol, lol]"),
        laughs("lol"),
        f"a: &a {'l' * 100_000}\nb: [{', '.join(['*a'] * 11)}]",
    ],
    ids=["lists", "words", "long texts"],
)
def test_billion_laughs_are_refused_quickly(text: str) -> None:
    with at_most(20):
        error = refused(lambda: parse_yaml(text, "x"))
    assert "aliases make this document too large" in error.reason
    assert error.line > 1


def test_values_of_yaml_aliases_are_copies() -> None:
    value = parse_yaml("a: &x {k: []}\nb: *x", "x")
    assert isinstance(value, dict)
    assert value["a"] == value["b"]
    assert value["a"] is not value["b"]


def test_the_yaml_library_is_imported_when_needed() -> None:
    code = (
        "import sys; from wizard.formats import files\n"
        "files.parse(b'{}', 'x')\n"
        "assert not any(name.startswith('ruamel') for name in sys.modules)\n"
        "files.parse(b'a: 1', 'x')\n"
        "assert 'ruamel.yaml' in sys.modules\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)


# Which of the two


@pytest.mark.parametrize(
    ("name", "data", "value"),
    [
        ("a.json", b' {"a": 1}', {"a": 1}),
        ("a.JSON", b'"\x7f"', "\x7f"),
        ("a.yaml", b"{a: no}", {"a": "no"}),
        ("a.YML", b"{a: no}", {"a": "no"}),
        ("payload", b'\n\t {"a": 1}', {"a": 1}),
        ("payload", b'\xef\xbb\xbf["\x7f"]', ["\x7f"]),
        ("payload.txt", b"[1]", [1]),
        ("payload.txt", b"- 1", [1]),
        ("standard input", b"a: no", {"a": "no"}),
    ],
)
def test_json_or_yaml(name: str, data: bytes, value: Json) -> None:
    assert parse(data, name) == value


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.json", b"a: 1"),
        ("a.jsonl", b"a: 1"),
        ("a", b"{a: 1}"),
        ("a.yaml", b"{a: [}"),
        ("a", b""),
    ],
)
def test_the_wrong_one_is_refused(name: str, data: bytes) -> None:
    assert refused(lambda: parse(data, name)).line == 1


# Files


def written(folder: Path, data: bytes, name: str = "a.json") -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


def test_a_file_is_loaded(tmp_path: Path) -> None:
    assert load(written(tmp_path, b'{"a": "\xf0\x9f\x98\x80"}')) == {"a": "😀"}
    assert load(written(tmp_path, b"a: no", "b.yml")) == {"a": "no"}


def test_standard_input_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load("-", io.BytesIO(b'{"a": 1}')) == {"a": 1}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a: no")))
    assert load("-") == {"a": "no"}


def test_standard_input_is_called_so() -> None:
    error = refused(lambda: load("-", io.BytesIO(b'{"a": 1,\n}')))
    assert str(error).startswith("standard input, line 1, column 8: ")


def test_standard_input_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    error = refused(lambda: load("-"))
    assert error.name == "standard input"
    assert "it is not connected" in error.reason


def test_standard_input_stays_open() -> None:
    stream = io.BytesIO(b"{}")
    load("-", stream)
    assert not stream.closed


@pytest.mark.parametrize("reader", [load, lambda name: list(read_lines(name))])
class TestUnreadableFiles:
    """Reading a file and reading its lines report each at once."""

    def test_missing(self, reader: Callable[[str], object], tmp_path: Path) -> None:
        name = str(tmp_path / "none.json")
        error = refused(lambda: reader(name))
        assert str(error) == f"{name}: there is no such file; check its name and its folder"
        assert place(error) == (0, 0)

    def test_inside_a_file(self, reader: Callable[[str], object], tmp_path: Path) -> None:
        name = f"{written(tmp_path, b'{}')}/b.json"
        assert "no such file" in refused(lambda: reader(name)).reason

    def test_folder(self, reader: Callable[[str], object], tmp_path: Path) -> None:
        assert "this is a folder" in refused(lambda: reader(str(tmp_path))).reason

    def test_pipe(self, reader: Callable[[str], object], tmp_path: Path) -> None:
        name = str(tmp_path / "pipe")
        os.mkfifo(name)
        with at_most(10):
            assert "a pipe or a device" in refused(lambda: reader(name)).reason

    @pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no devices here")
    def test_device(self, reader: Callable[[str], object]) -> None:
        with at_most(10):
            assert "a pipe or a device" in refused(lambda: reader("/dev/zero")).reason

    def test_no_permission(self, reader: Callable[[str], object], tmp_path: Path) -> None:
        name = written(tmp_path, b"{}")
        Path(name).chmod(0)
        if os.access(name, os.R_OK):
            pytest.skip("this user may read everything")
        assert "no permission" in refused(lambda: reader(name)).reason

    def test_no_permission_reported_by_the_system(
        self, reader: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def deny(_name: str) -> os.stat_result:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("wizard.formats.files.os.stat", deny)
        assert "no permission" in refused(lambda: reader("a.json")).reason

    @pytest.mark.parametrize("name", ["", "a\0b", "x" * 5000])
    def test_no_name_at_all(self, reader: Callable[[str], object], name: str) -> None:
        assert refused(lambda: reader(name)).reason

    def test_loop_of_links(self, reader: Callable[[str], object], tmp_path: Path) -> None:
        (tmp_path / "loop").symlink_to("loop")
        assert "cannot be read" in refused(lambda: reader(str(tmp_path / "loop"))).reason


class Failing(io.BytesIO):
    """A stream whose device breaks."""

    def read(self, _size: int | None = -1) -> bytes:
        raise OSError(5, "Input/output error")

    readline = read


@pytest.mark.parametrize("read", [load, lambda name, stdin: list(read_lines(name, stdin))])
def test_a_stream_that_breaks(read: Callable[[str, Failing], object]) -> None:
    error = refused(lambda: read("-", Failing()))
    assert str(error) == "standard input: it cannot be read: Input/output error"


def test_the_largest_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 8)
    assert load(written(tmp_path, b'["12345]'[:6] + b'"]')) == ["1234"]
    name = written(tmp_path, b'["12345"]')
    error = refused(lambda: load(name))
    assert "over 8 bytes" in error.reason
    assert place(error) == (0, 0)
    assert "over 8 bytes" in refused(lambda: load("-", io.BytesIO(b" " * 9))).reason


# JSON Lines


def lines_of(data: bytes) -> list[tuple[int, Json | str]]:
    read = read_lines("-", io.BytesIO(data))
    return [(n, str(item) if isinstance(item, Unreadable) else item) for n, item in read]


def test_lines_of_windows_without_a_final_newline() -> None:
    assert lines_of(b'{"a": "x"}\r\n\r\n[1]\r\n2') == [(1, {"a": "x"}), (3, [1]), (4, 2)]


def test_only_newlines_end_a_line() -> None:
    text = '"a\u2028b\x85c\u2029d"\n{"a":\r1}\n'
    assert lines_of(text.encode()) == [(1, "a\u2028b\x85c\u2029d"), (2, {"a": 1})]


def test_a_bad_line_is_reported_and_reading_continues(tmp_path: Path) -> None:
    data = b'\xef\xbb\xbf1\n \t\n{"a": 1,\n{"a": 1, "a": 2}\n"\xff"\n[NaN]\n2\n'
    name = written(tmp_path, data, "many.jsonl")
    read = dict(read_lines(name))
    assert list(read) == [1, 3, 4, 5, 6, 7]
    assert read[1] == 1
    assert read[7] == 2
    errors = [item for item in read.values() if isinstance(item, Unreadable)]
    assert [place(error) for error in errors] == [(3, 9), (4, 10), (5, 2), (6, 2)]
    assert {error.name for error in errors} == {name}


def test_an_error_does_not_hold_its_line() -> None:
    ((_, error),) = read_lines("-", io.BytesIO(b"[1, 2"))
    assert isinstance(error, Unreadable)
    assert error.__traceback__ is None
    assert error.__context__ is None


@pytest.mark.parametrize("data", [b"", b"\n", b" \r\n\t\n"])
def test_no_line_at_all_is_one_error(data: bytes) -> None:
    ((line, message),) = lines_of(data)
    assert line == 1
    assert str(message).startswith("standard input, line 1, column 1: it is empty")


class Watched(io.BytesIO):
    """A stream that notes how much is taken from it at once."""

    largest = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        self.largest = max(self.largest, len(line))
        return line


@pytest.mark.parametrize(
    ("after", "rest"),
    [
        (b"", []),
        (b"\n", []),
        (b"\n3", [(3, 3)]),
        (b"\r\n3\r\n", [(3, 3)]),
        (b"\n\n[2]\n3", [(4, [2]), (5, 3)]),
    ],
)
def test_a_line_too_long_is_skipped_bit_by_bit(
    after: bytes, rest: list[tuple[int, Json]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 10)
    stream = Watched(b"[0]\n" + b"[" * 1234 + after)
    first, (number, error), *others = read_lines("-", stream)
    assert first == (1, [0])
    assert isinstance(error, Unreadable)
    assert (number, error.line, error.column) == (2, 2, 1)
    assert "over 10 bytes" in error.reason
    assert others == rest
    assert stream.largest <= 11


def test_a_line_of_just_the_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 5)
    assert lines_of(b"[123]\n[456]") == [(1, [123]), (2, [456])]


def test_lines_are_read_as_they_are_asked_for() -> None:
    stream = io.BytesIO(b"1\n2\n3\n")
    read = read_lines("-", stream)
    assert stream.tell() == 0
    assert next(read) == (1, 1)
    assert stream.tell() == 2


# The envelope


def test_a_bare_payload_is_itself() -> None:
    payload: dict[str, Json] = {"type": "inbound", "name": "Asha"}
    assert unwrap(payload, "x") is payload
    assert unwrap({}, "x") == {}


def test_the_envelope_is_removed() -> None:
    payload: dict[str, Json] = {"name": "Asha"}
    assert unwrap({"success": True, "data": payload}, "x") is payload
    assert unwrap({"success": True, "data": [payload], "message": "ok"}, "x") is payload


@pytest.mark.parametrize(
    "payload",
    [
        {"success": True, "data": {}, "type": "inbound"},
        {"success": True, "data": [], "name": "Asha"},
        {"success": True},
        {"success": False, "data": {}},
        {"success": 1, "data": {}},
        {"data": {}},
    ],
)
def test_an_object_similar_to_an_envelope_is_a_payload(payload: dict[str, Json]) -> None:
    assert unwrap(payload, "x") is payload


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([], "x: a payload must be a JSON object, not a list"),
        ("a", "x: a payload must be a JSON object, not text"),
        (1.5, "x: a payload must be a JSON object, not a number"),
        (True, "x: a payload must be a JSON object, not a boolean"),
        (None, "x: a payload must be a JSON object, not null"),
        (
            {"success": True, "data": [{}, {}, {}]},
            "x: the data contains 3 payloads; keep exactly one",
        ),
        ({"success": True, "data": []}, "x: the data contains 0 payloads; keep exactly one"),
        (
            {"success": True, "data": None},
            "x: a payload must be a JSON object; the data is null",
        ),
        (
            {"success": True, "data": [[]]},
            "x: a payload must be a JSON object; the data is a list",
        ),
    ],
)
def test_an_input_without_a_payload_is_an_error(value: Json, sentence: str) -> None:
    error = refused(lambda: unwrap(value, "x"))
    assert str(error) == sentence
    assert place(error) == (0, 0)


# Writing


def test_the_written_form() -> None:
    value: Json = {"b": [1.0, {"ü": []}, {}], "a": None, "c": True, "d": 'q"\\/\n\t\x00'}
    assert dump(value) == (
        '{\n  "b": [\n    1,\n    {\n      "ü": []\n    },\n    {}\n  ],\n'
        '  "a": null,\n  "c": true,\n  "d": "q\\"\\\\/\\n\\t\\u0000"\n}'
    )


def without_floats() -> st.SearchStrategy[Json]:
    text = st.text()
    return st.recursive(
        st.none() | st.booleans() | st.integers() | text,
        lambda inner: st.lists(inner) | st.dictionaries(text, inner),
    )


@given(without_floats())
@settings(deadline=None)
def test_the_form_is_that_of_the_standard_library_except_numbers(value: Json) -> None:
    assert dump(value) == json.dumps(value, indent=2, ensure_ascii=False)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-2.0, "-2"),
        (0.1, "0.1"),
        (1.1, "1.1"),
        (-0.0, "0"),
        (0.0, "0"),
        (100000.0, "100000"),
        (1e15, "1000000000000000"),
        (1e16, "1e+16"),
        (1e22, "1e+22"),
        (1e-7, "1e-07"),
        (5e-324, "5e-324"),
        (10**30, "1" + "0" * 30),
        (True, "true"),
    ],
)
def test_numbers_are_written_as_a_person_would(number: float, text: str) -> None:
    assert dump(number) == text
    assert dump({"a": [{"b": number}]}).split() == [
        "{",
        '"a":',
        "[",
        "{",
        '"b":',
        text,
        "}",
        "]",
        "}",
    ]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_not_a_number_is_not_written(number: float) -> None:
    places: list[Json] = [number, [number], {"a": {"b": [1, number]}}]
    for value in places:
        with pytest.raises(ValueError, match="not JSON compliant"):
            dump(value)


def test_lone_surrogates_are_written_as_escapes() -> None:
    text = dump({"\udc00": "a\ud800é"})
    assert text == '{\n  "\\udc00": "a\\ud800é"\n}'
    assert parse_json(text.encode(), "x") == {"\udc00": "a\ud800é"}


def test_a_megabyte_of_script_is_quick_both_ways() -> None:
    script = 'Say "नमस्ते" to {{first_name}}.\r\n' * 30_000
    with at_most(10):
        for _ in range(20):
            assert parse_json(dump({"script": script, "n": 1.0}).encode(), "x") == {
                "script": script,
                "n": 1,
            }


@given(st.text(st.sampled_from("\r\n\u2028\x85\x0c\x0b\x1ea ")) | st.text())
def test_line_ends_become_newlines(text: str) -> None:
    assert normal_newlines(text) == "\n".join(re.split("\r\n|\r|\n", text))


def test_other_breaks_stay() -> None:
    assert normal_newlines("a\r\nb\rc\r\r\nd\u2028\u2029\x85\x0c\x0b") == (
        "a\nb\nc\n\nd\u2028\u2029\x85\x0c\x0b"
    )
