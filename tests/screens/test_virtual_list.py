"""Lists of many rows: the number of lines that each takes."""

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.content import Content

from screens.widgets.virtual_list import lines_of

TEXTS = st.text(alphabet="ab …↧é漢🙂\u0301\u00ad\t\n", max_size=40)
SENTENCES = st.lists(st.sampled_from(["a", "bb", "ccc", "", "", "✗", "dddddddd"])).map(" ".join)


@given(TEXTS | SENTENCES, st.integers(1, 12) | st.integers(1, 50))
@settings(max_examples=500)
def test_the_number_of_lines_equals_the_drawn_lines(text: str, width: int) -> None:
    assert lines_of(text, width) == max(1, Content(text).get_height({}, width))
