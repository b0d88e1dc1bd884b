"""Lists of many rows: how many lines each takes is told fast, and as it is."""

import sys

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from screens.widgets.virtual_list import _NARROW, lines_of


def test_what_is_taken_for_narrow_takes_one_cell_each() -> None:
    narrow = [chr(code) for code in range(sys.maxunicode + 1) if _NARROW.fullmatch(chr(code))]
    assert {"a", " ", "é", "…", "↧"} <= set(narrow)
    assert not [character for character in narrow if cell_len(character) != 1]
    assert not [character for character in narrow if not character.isprintable()]


TEXTS = st.text(alphabet="ab …↧é漢🙂\u0301\u00ad\t\n", max_size=40)
SENTENCES = st.lists(st.sampled_from(["a", "bb", "ccc", "", "", "✗", "dddddddd"])).map(" ".join)


@given(TEXTS | SENTENCES, st.integers(1, 12) | st.integers(1, 50))
@settings(max_examples=500)
def test_the_lines_of_a_text_are_those_that_are_drawn(text: str, width: int) -> None:
    assert lines_of(text, width) == max(1, Content(text).get_height({}, width))
