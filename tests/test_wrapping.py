"""A text folded into rows: after every edit it stands as if it had been folded whole."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import get_character_cell_size
from textual.geometry import Offset

from screens import wrapping
from screens.wrapping import AT_ONCE, PlainDocument, WrappedLines, cells, folds, may_be_wide

TEXTS = st.text(alphabet="ab  \nहि💩\t\u200d\r\u2028", max_size=60)
PLACES = st.tuples(st.integers(0, 60), st.integers(0, 60), TEXTS)


def folded(text: str, width: int) -> WrappedLines:
    """A text all folded."""
    wrapped = WrappedLines(PlainDocument(text), width)
    fold_all(wrapped)
    return wrapped


def fold_all(wrapped: WrappedLines) -> int:
    """Fold what is left of a long text; in how many steps."""
    steps = 1
    while not wrapped.fold_on():
        steps += 1
    wrapped.settle()
    return steps


@given(TEXTS, st.integers(4, 12), st.lists(PLACES, max_size=6))
def test_edits_leave_what_folding_anew_would(
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
        assert wrapped.lines == folded(text, width).lines
        assert wrapped.tops == folded(text, width).tops
    assert document.get_size(4) == PlainDocument(text).get_size(4)


@given(TEXTS, st.integers(4, 12))
def test_rows_fit_and_hold_the_whole_text(text: str, width: int) -> None:
    wrapped = folded(text, width)
    assert "\n".join("".join(rows) for rows in wrapped.lines) == text
    for row in (row for rows in wrapped.lines for row in rows):
        assert cells(row) <= width
    assert wrapped.height == sum(map(len, wrapped.lines))


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


def test_words_stay_whole_where_there_is_room() -> None:
    assert folded("aa bbb cccc ddddddddddddd e", 8).lines == [
        ["aa bbb ", "cccc ", "dddddddd", "ddddd e"]
    ]
    assert folded("no wrap at all", 0).lines == [["no wrap at all"]]


@pytest.mark.parametrize("text", ["क्षमा कीजिए, ", "மன்னிக்கவும் ", "క్షమించండి "])
def test_a_row_has_room_where_a_terminal_gives_every_sign_a_cell(text: str) -> None:
    line, width = text * 20, 30
    places = [0, *folds(line, width), len(line)]
    for start, end in pairwise(places):
        row = line[start:end].rstrip()
        assert sum(unicodedata.category(letter) != "Cf" for letter in row) <= width


@given(
    TEXTS,
    st.lists(st.one_of(PLACES, st.none(), st.integers(4, 12)), max_size=8),
    st.integers(1, 20),
    st.integers(0, 9),
)
def test_a_text_folded_bit_by_bit_stands_at_last_as_if_folded_whole(
    text: str, deeds: list[tuple[int, int, str] | int | None], at_once: int, seen: int
) -> None:
    """Whatever is edited, and whatever width is asked for, before it is folded all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wrapping, "AT_ONCE", at_once)
        document = PlainDocument(text)
        wrapped = WrappedLines(document, seen=lambda: seen)
        wrapped.wrap(8)
        for deed in deeds:
            if deed is None:
                wrapped.fold_on()
            elif isinstance(deed, int):
                wrapped.wrap(deed)
            else:
                start, end = sorted(min(place, len(text)) for place in deed[:2])
                place, behind = document.location_of(start), document.location_of(end)
                result = document.replace_range(place, behind, deed[2])
                wrapped.wrap_range(place, behind, result.end_location)
                text = text[:start] + deed[2] + text[end:]
            assert "\n".join("".join(rows) for rows in wrapped.lines) == text
            assert wrapped.height == sum(map(len, wrapped.lines))
        fold_all(wrapped)
        assert not wrapped.is_rough
    assert wrapped.lines == folded(text, wrapped.width).lines
    assert wrapped.tops == folded(text, wrapped.width).tops


@pytest.mark.parametrize("line", [0, 700, 1_400, 1_401, 1_402, 2_800])
@pytest.mark.parametrize("new", ["", "longer than a row", "\n", "\n\nmore\n"])
@pytest.mark.parametrize("steps", [0, 1, 3, 5, 7])
def test_an_edit_before_all_is_folded_is_not_lost(line: int, new: str, steps: int) -> None:
    """Above, in and below the line that is being folded, of which the one in the middle is long."""
    lines = [f"{number} of some lines, each of which is some rows long" for number in range(2_801)]
    lines[1_401] = "one of a hundred thousand words " * (AT_ONCE // 8)
    document = PlainDocument("\n".join(lines))
    wrapped = WrappedLines(document, 12)
    for _ in range(steps):
        wrapped.fold_on()
    for column in (2, 5):
        result = document.replace_range((line, column), (line, column + 1), new)
        wrapped.wrap_range((line, column), (line, column + 1), result.end_location)
    fold_all(wrapped)
    whole = folded(document.text, 12)
    assert wrapped.tops == whole.tops
    assert all(
        list(wrapped.get_offsets(at)) == list(whole.get_offsets(at))
        for at in range(document.line_count)
    )


def test_what_is_in_sight_is_folded_first() -> None:
    text = "\n".join(f"{n} lines that say no more than this" for n in range(20_000))
    wrapped = WrappedLines(PlainDocument(text), seen=lambda: 15_000)
    wrapped.wrap(10)
    whole = folded(text, 10)
    for line in range(15_000, 15_100):
        assert wrapped.get_sections(line) == whole.get_sections(line)
    assert wrapped.is_rough
    assert wrapped.get_sections(7) == ["7 lines th", "at say no ", "more than ", "this"]
    one = WrappedLines(PlainDocument(text.replace("\n", " ")), 10)
    assert one.get_sections(0)[:100] == folded(text.replace("\n", " "), 10).get_sections(0)[:100]


@pytest.mark.parametrize("text", ["a line of it\n", "no end of it ", "क्षमा कीजिए ", "\n", "x"])
def test_no_more_is_folded_at_once_than_nobody_notices(text: str) -> None:
    long = text * (10 * AT_ONCE // len(text))
    assert fold_all(WrappedLines(PlainDocument(long), 10)) >= 5


def test_a_long_text_has_room_for_its_widest_line() -> None:
    lines = ["x" * 70, "क्षमा " * 10, "漢" * 30, "💩\t" * 9, "a" * AT_ONCE, "b"]
    for widest in range(len(lines) - 1):
        text = "\n".join([lines[widest], *[lines[-1] * 9] * AT_ONCE])
        assert PlainDocument(text).get_size(4).width > cells(lines[widest])
    document = PlainDocument("\n" * AT_ONCE)
    assert document.get_size(4).width == 40
    document.replace_range((3, 0), (3, 0), "漢" * 30)
    assert document.get_size(4).width > 60
    document.replace_range((5, 0), (5, 0), "a" * 2 * AT_ONCE)
    assert document.get_size(4).width > 2 * AT_ONCE


def test_no_character_of_two_cells_is_taken_for_a_narrow_one() -> None:
    everything = map(chr, range(0x110000))
    wide = [letter for letter in everything if get_character_cell_size(letter) > 1]
    assert len(wide) > 100_000
    assert all(map(may_be_wide, wide))
    assert may_be_wide("\ud83d")  # half of one, as a file may have it
    assert not may_be_wide("“Grüße”, नमस्ते – வணக்கம் 10 €\n")
