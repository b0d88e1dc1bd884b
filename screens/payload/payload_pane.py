"""The live payload: the JSON as it would be sent now, in one of three views."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from screens.keys.key_queue import KeyQueue
from screens.payload.diff_worker import Compared, DiffWorker
from screens.payload.json_lines import LiveLines, difference_lines, with_dots
from screens.widgets.json_view import JsonView, Line
from screens.widgets.page_frame import Page
from screens.widgets.signs import SOURCE_SIGNS
from wizard.draft.draft import Draft, Source
from wizard.draft.review import Base, chosen
from wizard.formats import paths
from wizard.formats.paths import MISSING, Path

# From this width the source of each line is also shown as a word.
_ROOM_FOR_WORDS = 64
_WORD = max(len(source.words) for source in Source)


# Shown if there is no version to compare with.
_NOTHING = ("Nothing to compare with yet:", "no template was used,", "and nothing was sent.")


class View(StrEnum):
    """The views of the payload."""

    WHOLE = "Whole"
    CHOSEN = "Set"
    CHANGED = "Changed"


class ViewTab(Static):
    """The name of a view; a click chooses it."""

    @dataclass
    class Chosen(Message):
        """A view was clicked."""

        view: View

    def __init__(self, view: View) -> None:
        super().__init__(Content(view), classes="view-tab")
        self.view = view

    def on_click(self, event: events.Click) -> None:
        """Choose the view."""
        event.stop()
        self.post_message(self.Chosen(self.view))


class PayloadPane(Vertical):
    """The payload of a draft while it is typed."""

    def __init__(
        self,
        bases: Callable[[Draft], Sequence[Base]],
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._view = View.WHOLE
        self._since = ""
        self._comparer = DiffWorker(self, bases, _changes, self._show_changes, most=1)
        self._draft = Draft()
        self._here: Path = ()
        self._is_due = False
        # The payload that is shown, which the draft replaces by another at every change.
        self._shown: Mapping[str, Any] | None = None
        self._lines = LiveLines()
        self._foot = Static(classes="payload-foot")
        self.json = JsonView(wraps=False, margin=self._margin)

    def compose(self) -> ComposeResult:
        """The views, the lines, and the source of the value in focus."""
        with Horizontal(classes="views"):
            for view in View:
                yield ViewTab(view)
            yield Static("F3 view", classes="views-key")
        yield self.json
        yield self._foot

    def on_mount(self) -> None:
        """Begin with the whole payload."""
        self._show_view()

    # --- following the draft

    def update_from(self, draft: Draft) -> None:
        """Show the payload soon, or when the pane comes in sight."""
        self._draft = draft
        self._show_soon()

    def mark(self, path: Path) -> None:
        """Mark the lines of the field in focus soon."""
        self._here = path
        self._show_soon()

    @on(events.Show)
    @on(events.Resize)
    def _show_soon(self) -> None:
        if not self._is_due:
            self._is_due = True
            self.call_after_refresh(self._show_after_keys)

    def _show_after_keys(self) -> None:
        """Show the payload once for all waiting keys: with many actions that takes a while."""
        self._is_due = False
        if isinstance(self.app, KeyQueue) and self.app.keys_wait:
            self._show_soon()
        else:
            self.show()

    def show(self) -> None:
        """Show the payload now, if the pane is in sight."""
        if self.styles.display == "none" or not self.size:
            return
        payload = self._draft.compose()
        if payload is not self._shown:
            self._shown = payload
            self._show_payload(payload)
        self.json.mark(self._here)
        self._show_source()

    def _show_payload(self, payload: Mapping[str, Any]) -> None:
        if self._view is View.CHANGED:
            self._comparer.compare(self._draft)
        else:
            shown = payload if self._view is View.WHOLE else chosen(payload)
            self.json.show(self._lines.of(with_dots(shown)), self._here)

    def compare_fresh(self) -> None:
        """Read the other versions again, if the changes are shown."""
        if self._view is View.CHANGED:
            self._comparer.compare(self._draft, reread=True)

    def _show_changes(self, changes: tuple[str, Sequence[Line]]) -> None:
        if self._view is View.CHANGED and self.is_attached:
            self._since, lines = changes
            self.json.show(lines, self._here)
            self._show_view()
            self._show_source()

    def _margin(self, line: Line, width: int) -> str:
        """The text before a line: the source of its value, or the kind of its change."""
        if self._view is View.CHANGED:
            return f"{line.sign or ' '} "
        known = line.leaf and bool(line.path)
        source = self._draft.source(line.path) if known else None
        sign = SOURCE_SIGNS[source] if source else " "
        if width < _ROOM_FOR_WORDS:
            return f"{sign} "
        return f"{sign} {source.words if source else '':<{_WORD}} "

    def _show_source(self) -> None:
        path = self.json.at
        self._foot.update(_origin(self._draft, path) if path else "", layout=False)

    def on_virtual_list_moved(self) -> None:
        """Show the source of the line at the cursor."""
        self._show_source()

    # --- views

    def on_view_tab_chosen(self, event: ViewTab.Chosen) -> None:
        """Show the clicked view."""
        event.stop()
        self.show_view(event.view)

    def next_view(self) -> None:
        """Go on to the next view."""
        views = list(View)
        self.show_view(views[(views.index(self._view) + 1) % len(views)])

    def show_view(self, view: View) -> None:
        """Show another view of the payload."""
        self._view = view
        self._shown = None
        self._show_view()
        self._show_soon()
        self.compare_fresh()

    def _show_view(self) -> None:
        for tab in self.query(ViewTab):
            tab.set_class(tab.view is self._view, "-on")
            if tab.view is View.CHANGED:
                since = f" since {self._since}" if self._since else ""
                tab.update(Content(f"{tab.view}{since if tab.view is self._view else ''}"))


def _changes(compared: Sequence[Compared]) -> tuple[str, Sequence[Line]]:
    """The name of the version, and the lines of the differences."""
    if not compared:
        return "", [Line((), text, leaf=False) for text in _NOTHING]
    words, found = compared[0]
    return words, list(difference_lines(found)) or [Line((), f"The same as {words}.")]


def _origin(draft: Draft, path: Path) -> Content:
    """A path and the source of its value, in words."""
    place = Content(paths.write(path)).stylize("$text-accent")
    if paths.get(draft.compose(), path) is MISSING:
        return place + Content(" is not sent")
    source = draft.source(path)
    return place + Content(f"  {SOURCE_SIGNS[source]} {source.words}")


class PayloadScreen(Page[None]):
    """The live payload as a screen, for terminals that are too low to show it beside the form."""

    # The lines come first, so the cursor begins there.
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f8", "dismiss", "Back", id="payload.back"),
        Binding("f3", "view", "View", id="payload.view", priority=True),
    ]

    def __init__(self, draft: Draft, path: Path, bases: Callable[[Draft], Sequence[Base]]) -> None:
        super().__init__()
        self._bases = bases
        self._draft = draft
        self._path = path

    def contents(self) -> ComposeResult:
        """The pane alone."""
        yield PayloadPane(self._bases)

    def on_mount(self) -> None:
        """Show the lines of the field that had the focus."""
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        pane = self.query_one(PayloadPane)
        pane.update_from(self._draft)
        pane.mark(self._path)
        pane.show()
        pane.json.focus()

    def action_view(self) -> None:
        """Go on to the next view."""
        self.query_one(PayloadPane).next_view()
