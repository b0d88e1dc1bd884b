"""The list of all assistants of the account, with a search."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.strip import Strip
from textual.style import Style
from textual.widgets import Input, Static

from screens.pages.assistant_cache import AssistantCache
from screens.pages.assistant_options import changed_words, language_of
from screens.pages.start_option import StartOption, matching
from screens.widgets.inputs import LineInput, pictured
from screens.widgets.page_frame import Page
from screens.widgets.virtual_list import VirtualList
from wizard.api.assistant_lines import AssistantLine

_TITLES = ("Name", "Company", "Type", "Language", "Changed")
# The least width of each column, and how a wider list shares what is left among them.
_LEAST = (14, 12, 8, 8, 12)
_SHARES = (4, 3, 0, 3, 1)
# From this width all columns have room; below it only the first ones.
_FEW = 60
_WIDE = 100


def _cells(texts: Sequence[str], width: int, style: Style, dim: Style) -> Strip:
    """Lay out the columns of one assistant, or the titles, at a width."""
    count = len(_LEAST) if width >= _FEW else 2
    least, shares = _LEAST[:count], _SHARES[:count]
    spare = max(0, width - 2 - sum(least) - count)
    parts = [Segment("  ", style.rich_style)]
    for number, (text, size, share) in enumerate(zip(texts, least, shares, strict=False)):
        look = (dim if number else style).rich_style
        cells = size + spare * share // sum(shares)
        parts.append(Segment(_fitted(pictured(text), cells), look))
        parts.append(Segment(" ", look))
    return Strip(parts).adjust_cell_length(width, style.rich_style)


def _fitted(text: str, cells: int) -> str:
    is_long = cell_len(text) > cells
    return set_cell_size(text, cells - 1) + "…" if is_long else set_cell_size(text, cells)


class AssistantRows(VirtualList, can_focus=False):
    """The assistants, one a row; the keys reach it through the search field."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"assistant--dim", "assistant--cursor"}

    def __init__(self) -> None:
        super().__init__(id="assistant-rows")
        self._lines: Sequence[AssistantLine] = ()

    @property
    def count(self) -> int:
        """How many assistants are listed."""
        return len(self._lines)

    @property
    def here(self) -> AssistantLine | None:
        """The assistant at the cursor."""
        return self._lines[self.cursor] if self._lines else None

    def show(self, lines: Sequence[AssistantLine], now: datetime) -> None:
        """List other assistants, from the first one, with their ages."""
        self._lines = lines
        self._now = now
        self.lay_out(cursor=0)

    def look_of(self, index: int) -> Style:
        """The style of a row; the cursor is always that of the search field."""
        if index == self.cursor:
            return self.get_visual_style("rows--row", "assistant--cursor")
        return super().look_of(index)

    def draw(self, index: int, style: Style) -> list[Strip]:
        """Draw one assistant."""
        line = self._lines[index]
        dim = style if index == self.cursor else self.get_visual_style("assistant--dim")
        changed = changed_words(line, self._now) if line.changed else "unknown"
        # The names of several languages have no room on narrow screens.
        has_room = self.row_width >= _WIDE or "," not in line.language
        language = language_of(line) if has_room else line.language.replace(",", ", ")
        texts = (line.name, line.company, line.type, language, changed)
        return [_cells(texts, self.row_width, style, dim)]


class _Head(Static):
    """The titles of the columns."""

    def render_line(self, y: int) -> Strip:
        """Draw the titles over the columns."""
        style = self.visual_style
        return _cells(_TITLES, self.size.width - 1, style, style)


class _Search(LineInput):
    """The search field; the keys that a list has move the cursor in the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.choose", "Open", id="assistants.choose"),
        Binding("down", "screen.list('move', 1)", "Move", key_display="↑↓", id="assistants.down"),
        Binding("up", "screen.list('move', -1)", show=False, id="assistants.up"),
        Binding("pagedown", "screen.list('page', 1)", show=False, id="assistants.pagedown"),
        Binding("pageup", "screen.list('page', -1)", show=False, id="assistants.pageup"),
    ]


class AssistantsScreen(Page[AssistantLine | None]):
    """Returns the chosen assistant, None if the page was closed."""

    names_draft = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear_search", "Clear", id="assistants.clear"),
        Binding("escape", "back", "Back", id="assistants.back"),
        Binding("ctrl+r", "reread", "Read again", id="assistants.reread"),
    ]

    def __init__(self, account: AssistantCache) -> None:
        super().__init__()
        self._account = account
        self._options: list[StartOption] | None = None
        self._chooses_late = False

    def contents(self) -> ComposeResult:
        """Search, list, and how many there are."""
        with Vertical(id="assistants"):
            yield _Search(placeholder="type to search", compact=True)
            yield _Head("", id="assistant-head")
            yield AssistantRows()
            yield Static(id="assistant-count", markup=False)

    def on_mount(self) -> None:
        """Read the list, unless it was read before."""
        self._read()

    @work(exclusive=True, group="assistants")
    async def _read(self) -> None:
        self._say(f"Reading the assistants {self._account.place} …")
        self._options = await self._account.options()
        self._show()
        if self._chooses_late:
            self.action_choose()

    def _show(self) -> None:
        if self._options is None:
            return
        found = matching(self._options, self.query_one(_Search).value)
        self.query_one(AssistantRows).show([o.line for o in found if o.line], self._account.clock())
        self._say(self._count(len(found), len(self._options)))

    def _count(self, found: int, total: int) -> str:
        """How many there are and are found, and what could not be read."""
        if not total:
            none = f"There are no assistants {self._account.place}."
            return self._account.trouble or none
        assistants = "1 assistant" if total == 1 else f"{total:,} assistants"
        words = assistants if found == total else f"{found:,} of {assistants}"
        return f"{words} {self._account.place}. {self._account.trouble}".strip()

    def _say(self, words: str) -> None:
        self.query_one("#assistant-count", Static).update(Content(pictured(words)))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        event.stop()
        self._chooses_late = False
        self._show()
        self.refresh_bindings()

    def on_virtual_list_chosen(self) -> None:
        """Choose the clicked assistant."""
        self.action_choose()

    def action_choose(self) -> None:
        """Choose the assistant at the cursor."""
        if line := self.query_one(AssistantRows).here:
            self.dismiss(line)
        else:
            self._chooses_late = self._options is None

    def action_list(self, how: str, by: int) -> None:
        """Move the cursor; the focus stays in the search field."""
        getattr(self.query_one(AssistantRows), f"action_{how}")(by)

    def action_reread(self) -> None:
        """Read the list again."""
        self._account.forget()
        self._read()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Clear the search only if there is one."""
        return action != "clear_search" or (self.is_mounted and bool(self.query_one(_Search).value))

    def action_clear_search(self) -> None:
        """Clear the search."""
        self.query_one(_Search).value = ""

    def action_back(self) -> None:
        """Close the page."""
        self.dismiss(None)
