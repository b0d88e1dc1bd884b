"""Text layout: after every edit it equals a new layout of the whole text."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Offset

from screens.widgets.text_layout import PlainDocument, WrappedLines, cells, folds

TEXTS = st.text(alphabet="ab  \nहि💩\t\u200d\r\u2028", max_size=60)
PLACES = st.tuples(st.integers(0, 60), st.integers(0, 60), TEXTS)


def folded(text: str, width: int) -> WrappedLines:
    """A text all folded."""
    return WrappedLines(PlainDocument(text), width)


def rows_of(wrapped: WrappedLines) -> list[list[str]]:
    """The rows of each line."""
    return [wrapped.get_sections(line) for line in range(wrapped.document.line_count)]


@given(TEXTS, st.integers(4, 12), st.lists(PLACES, max_size=6))
def test_an_edited_layout_equals_a_new_one(
    text: str, width: int, edits: list[tuple[int, int, str]]
) -> None:
    document = PlainDocument(text)
    wrapped = WrappedLines(document, width)
    for one, other, new in edits:
        start, end = sorted((min(one, len(text)), min(other, len(text))))
        place, behind = document.location_of(start), document.location_of(end)
        result = document.replace_range(place, behind, new)
        wrapped.wrap_range(place, behind, result.end_location)
        assert result.replaced_text == text[start:end]
        text = text[:start] + new + text[end:]
        assert document.text == text
        assert document.location_of(start + len(new)) == result.end_location
        assert rows_of(wrapped) == rows_of(folded(text, width))
        assert [*wrapped.tops] == [*folded(text, width).tops]
    assert document.get_size(4) == PlainDocument(text).get_size(4)


@given(TEXTS, st.integers(4, 12))
def test_rows_fit_and_hold_the_whole_text(text: str, width: int) -> None:
    wrapped = folded(text, width)
    assert "\n".join("".join(rows) for rows in rows_of(wrapped)) == text
    for row in (row for rows in rows_of(wrapped) for row in rows):
        assert cells(row) <= width
    assert wrapped.height == sum(map(len, rows_of(wrapped)))


@given(TEXTS, st.integers(4, 12))
def test_every_place_has_a_cell_and_every_cell_a_place(text: str, width: int) -> None:
    document = PlainDocument(text)
    wrapped = WrappedLines(document, width)
    for index in range(len(text) + 1):
        location = document.location_of(index)
        assert document.index_of(location) == index
        offset = wrapped.location_to_offset(location)
        line, section = wrapped.place_of_row(offset.y)
        start, end = wrapped.columns(line, section)
        assert line == location[0]
        assert start <= location[1] <= end
    for y in range(wrapped.height):
        line, column = wrapped.offset_to_location(Offset(3, y))
        assert 0 <= column <= len(document.get_line(line))


def test_words_are_not_split_if_they_fit() -> None:
    assert rows_of(folded("aa bbb cccc ddddddddddddd e", 8)) == [
        ["aa bbb ", "cccc ", "dddddddd", "ddddd e"]
    ]
    assert rows_of(folded("no wrap at all", 0)) == [["no wrap at all"]]


@pytest.mark.parametrize("text", ["क्षमा कीजिए, ", "மன்னிக்கவும் ", "క్షమించండి "])
def test_a_row_fits_if_every_character_takes_a_cell(text: str) -> None:
    line, width = text * 20, 30
    places = [0, *folds(line, width), len(line)]
    for start, end in pairwise(places):
        row = line[start:end].rstrip()
        assert sum(unicodedata.category(letter) != "Cf" for letter in row) <= width


def test_a_long_text_has_room_for_its_widest_line() -> None:
    lines = ["x" * 70, "क्षमा " * 10, "漢" * 30, "💩\t" * 9, "a" * 10_000, "b"]
    for widest in range(len(lines) - 1):
        text = "\n".join([lines[widest], *[lines[-1] * 9] * 10_000])
        assert PlainDocument(text).get_size(4).width > cells(lines[widest])
    document = PlainDocument("\n" * 10_000)
    assert document.get_size(4).width == 40
    document.replace_range((3, 0), (3, 0), "漢" * 30)
    assert document.get_size(4).width > 60
    document.replace_range((5, 0), (5, 0), "a" * 2 * 10_000)
    assert document.get_size(4).width > 2 * 10_000
