"""The second part of the stylesheet is read once."""

from textual.app import App

from screens import styles


def test_the_second_part_is_read_where_it_is_not_there_yet() -> None:
    sheet = App[None]().stylesheet
    assert styles.parsed(sheet)
    styles.add(sheet)
    assert styles.parsed(sheet) is None
