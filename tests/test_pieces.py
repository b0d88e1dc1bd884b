"""A long answer that is read piece by piece is read as one that is read at once."""

import json
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wizard import pieces
from wizard.outcomes import NOT_JSON, parse

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None))
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner)
)
ANSWERS = VALUES | st.fixed_dictionaries(
    {"success": st.booleans(), "message": SCALARS, "data": st.fixed_dictionaries({"v": VALUES})}
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be")
# Where a list stands in an answer.
AROUND = (lambda v: v, lambda v: {"data": v}, lambda v: {"data": {"voices": v}})
# What stands in JSON, so that much of what is made of it nearly is some.
MARKS = [*'[]{}",:-+.eE019 \n\t\\tnu', "true", "null", "NaN", "-Infinity", '"a":', "\ud800", "\xa0"]


def read(body: bytes, length: int, make: pieces.Make = pieces.as_it_is) -> Any:
    """Read a body that comes in chunks of a length."""
    chunks = deque(body[at : at + length] for at in range(0, len(body), length))
    return pieces.parse(chunks, make)


def same(body: bytes, length: int) -> bool:
    """Whether both ways read the same, an integer not being a number with a point."""
    return repr(read(body, length)) == repr(parse(body))


@given(ANSWERS, st.sampled_from(ENCODINGS), st.booleans(), st.integers(1, 30))
def test_every_answer(value: Any, encoding: str, ascii_alone: bool, length: int) -> None:
    text = json.dumps(value, ensure_ascii=ascii_alone, indent=1 if length % 2 else None)
    assert same(text.encode(encoding, "surrogatepass"), length)


@given(st.lists(st.sampled_from(MARKS)).map("".join), st.integers(1, 9))
@example('{"a":1,"a":[2],"b":{"a":1,"a":{"a":1,"a":2}}}', 1)
@example("[1.5e+3,12.,1]", 1)
@example("[1,]", 1)
@example('{"a":1,}', 1)
@example("[1 2]", 1)
@example('{"a" 1}', 1)
@example("{1:1}", 1)
@example("[]]", 1)
@example("{}[]", 1)
def test_what_is_nearly_json(text: str, length: int) -> None:
    assert same(text.encode("utf-8", "surrogatepass"), length)


@given(ANSWERS, st.integers(0, 400), st.binary(max_size=3), st.integers(0, 3), st.integers(1, 30))
def test_an_answer_that_was_damaged(
    value: Any, at: int, put: bytes, gone: int, length: int
) -> None:
    body = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert same(body[:at] + put + body[at + gone :], length)


@pytest.mark.parametrize(
    "body", [b"", b" ", b"\xef\xbb\xbf", b"[" * 100_000, b"1" * 5_000, b'{"a":' * 100_000, b"\xff"]
)
@pytest.mark.parametrize("length", [1, 1000])
def test_what_is_no_json_at_all(body: bytes, length: int) -> None:
    assert parse(body) is NOT_JSON
    assert read(body, length) is NOT_JSON


@given(st.lists(VALUES | st.dictionaries(st.text(max_size=3), VALUES)), st.integers(1, 30))
@pytest.mark.parametrize(
    "around", [lambda v: v, lambda v: {"data": v}, lambda v: {"data": {"v": v}}]
)
def test_each_object_of_a_list_is_made_with_the_text_that_it_came_as(
    around: Callable[[Any], Any], items: list[Any], length: int
) -> None:
    made: list[Any] = []

    def make(item: dict[str, Any], text: str) -> None:
        made.append(item)
        assert repr(json.loads(text)) == repr(item)

    body = json.dumps(around(items), ensure_ascii=False).encode("utf-8", "surrogatepass")
    read(body, length, make)
    assert repr(made) == repr([item for item in items if isinstance(item, dict)])


def test_no_more_is_in_than_is_read_and_none_of_it_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    in_at_once: list[int] = []
    decode = pieces._decode

    def watched(text: str, at: int) -> Any:
        in_at_once.append(len(text))
        return decode(text, at)

    monkeypatch.setattr(pieces, "_decode", watched)
    body = json.dumps([{"voice_id": str(n)} for n in range(50_000)]).encode()
    chunks, left = deque([body[:600_000], body[600_000:]]), []

    def make(item: dict[str, Any], text: str) -> int:
        left.append(len(chunks))
        return len(text)

    lengths = pieces.parse(chunks, make)
    assert len(lengths) == 50_000 <= len(in_at_once) < 50_100
    assert max(in_at_once) < 200_000
    assert (left[0], left[-1]) == (1, 0)


def test_who_takes_the_chunks_away_ends_the_reading() -> None:
    chunks = deque([b'[{"a":1},', b'{"a":2},', b'{"a":3}]'])
    read: list[Any] = []

    def make(item: dict[str, Any], _: str) -> None:
        read.append(item)
        chunks.clear()

    assert pieces.parse(chunks, make) is NOT_JSON
    assert len(read) <= 2
