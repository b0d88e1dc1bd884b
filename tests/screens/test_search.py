"""Search: all matches of a text, and the next one from any place."""

import re

from hypothesis import given
from hypothesis import strategies as st

from screens.pages.search_bar import Places

TEXTS = st.text(alphabet="aAb\nहि", max_size=30)


@given(TEXTS, st.text(alphabet="aAbहि", min_size=1, max_size=3), st.integers(0, 31), st.booleans())
def test_the_next_place_is_the_next_of_all(text: str, words: str, index: int, stay: bool) -> None:
    sought = re.compile(re.escape(words), re.IGNORECASE)
    places = Places(text, sought)
    assert places
    spans = [found.span() for found in sought.finditer(text)]
    assert [places.span(number) for number in range(places.count)] == spans
    if not spans:
        return
    behind = [number for number, (start, _) in enumerate(spans) if start >= index + (not stay)]
    before = [number for number, (start, _) in enumerate(spans) if start < index]
    assert places.nearest(index, 1, stay=stay) == (behind[0] if behind else 0)
    assert places.nearest(index, -1, stay=stay) == (before[-1] if before else len(spans) - 1)
