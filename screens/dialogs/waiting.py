"""A dialog that waits for something that takes longer than usual."""

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from screens.widgets.inputs import pictured
from screens.widgets.page_frame import Dialog

T = TypeVar("T")

# Seconds before the dialog opens; most results come sooner.
_CALM = 0.4


async def wait_with_dialog(app: App[Any], title: str, awaited: Coroutine[Any, Any, T]) -> T | None:
    """Return the result, or None if the user stops waiting."""
    task = asyncio.ensure_future(awaited)
    try:
        done, _ = await asyncio.wait({task}, timeout=_CALM)
        is_there = bool(done) or await app.push_screen_wait(WaitScreen(title, task))
        return await task if is_there else None
    finally:
        task.cancel()


class WaitScreen(Dialog[bool]):
    """Returns True when `awaited` is done, or False if the user stops waiting."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", "Stop waiting", id="waiting.stop"),
    ]

    def __init__(self, title: str, awaited: asyncio.Future[Any]) -> None:
        super().__init__()
        self._title = title
        self._awaited = awaited

    def contents(self) -> ComposeResult:
        """What is waited for."""
        with Vertical(id="report"):
            yield Static(pictured(self._title), classes="title", markup=False)
            yield Static("Esc stops waiting.", classes="about")

    def on_mount(self) -> None:
        """Wait."""
        self._wait()

    @work(group="waiting")
    async def _wait(self) -> None:
        await asyncio.wait({self._awaited})
        self.dismiss(True)
