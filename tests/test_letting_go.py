"""A screen that closed is held by nothing: not by the app, nor by a thread that worked for it."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import ref

import pytest
from textual.screen import Screen

from screens import sweeping
from screens.compare import CompareScreen
from screens.editor import EditorScreen
from screens.json_view import JsonView
from screens.preview import PreviewScreen, ReviewList
from screens.steps import StepsScreen
from screens.welcome import WelcomeScreen
from tests.examples import full, minimal
from tests.person import (
    Person,
    close,
    go_to_preview,
    imported,
    opened,
    press,
    row,
    type_text,
    wait_for,
    wait_for_screen,
    wait_for_text,
    walk_to,
)
from tests.test_welcome import kept, welcomed
from wizard.draft import Draft


async def is_let_go(pilot: Person, screen: "ref[Screen[Any]]") -> bool:
    """Whether a screen goes, with what is under way for it."""

    def is_gone() -> bool:
        gc.collect()
        return screen() is None

    await wait_for(pilot, is_gone, what="the end of what closed")
    return True


async def test_the_editor_whose_words_were_counted_in_a_thread() -> None:
    async with opened(Draft({"script": "One two three."}), step="script") as pilot:
        await walk_to(pilot, row(pilot.app, "script").control)
        await press(pilot, "f6")
        closed = ref(await wait_for_screen(pilot, EditorScreen))
        await type_text(pilot, " four")
        await wait_for_text(pilot, "4 words")
        await close(pilot)

        assert await is_let_go(pilot, closed)


async def test_the_preview_lets_go_of_what_it_showed_as_it_closes() -> None:
    async with opened(imported(minimal())) as pilot:
        await go_to_preview(pilot)
        closed: Any = await wait_for_screen(pilot, PreviewScreen)
        rows, shown = closed.query_one(ReviewList), closed.query_one(JsonView)
        await press(pilot, "f8")
        assert rows.count
        assert shown.text
        await close(pilot)

        # A collector that finds all of it at one go would hold the loop.
        await wait_for(pilot, lambda: not rows.count and not shown.text, what="nothing to be held")


async def test_the_comparison_whose_differences_were_found_in_a_thread() -> None:
    async with opened() as pilot:
        compared = CompareScreen(minimal(), full(), ("One", "Other"))
        closed = ref(compared)
        pilot.app.push_screen(compared)
        del compared
        await wait_for_text(pilot, "Other differs from One")
        await close(pilot)

        assert await is_let_go(pilot, closed)


@contextmanager
def garbage_is_left_to_the_wizard(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sweeping, "_is_begun", True)
    monkeypatch.setattr(sweeping, "_MANY", sys.maxsize)
    monkeypatch.setattr(sweeping, "begin", lambda: None)  # it would set apart what is to go
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def test_what_closed_is_taken_away_as_the_person_looks_at_what_is_there_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opened() as pilot:
        with garbage_is_left_to_the_wizard(monkeypatch):
            one = CompareScreen(minimal(), full(), ("One", "Other"))
            other = CompareScreen(minimal(), minimal(), ("One", "Other"))
            replaced, closed = ref(one), ref(other)
            pilot.app.push_screen(one)
            await wait_for_text(pilot, "Other differs from One")
            pilot.app.switch_screen(other)
            del one, other
            await wait_for_text(pilot, "are the same")
            await wait_for(pilot, lambda: replaced() is None, what="the end of what was replaced")

            await close(pilot)
            await wait_for(pilot, lambda: closed() is None, what="the end of what closed")


async def test_the_first_screen_whose_drafts_were_read_in_a_thread(tmp_path: Path) -> None:
    kept(tmp_path, *(imported(minimal() | {"name": f"Nr {number}"}) for number in range(120)))
    async with welcomed(tmp_path) as pilot:
        await wait_for_text(pilot, "115 more by search")
        closed = ref(await wait_for_screen(pilot, WelcomeScreen))
        await press(pilot, "enter")
        await wait_for_screen(pilot, StepsScreen)

        assert await is_let_go(pilot, closed)
