"""What stands around every screen: the top line with the target, the word for a tiny terminal."""

from asyncio import sleep
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from typing import Any, ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.reactive import Reactive, reactive
from textual.screen import Screen, ScreenResultType
from textual.style import Style
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from screens import sweeping
from screens.alike import Alike
from wizard.settings import Target

# Who has just come to a screen looks at it for so long, in seconds.
_CALM_SECONDS = 0.3

# So many widgets are styled at a time: a key that waits meanwhile comes in between.
_AT_A_TIME = 20

# The class of a terminal by the columns and rows from which on it has it.
_ACROSS = {40: "-narrow", 64: "-normal", 120: "-wide"}
_DOWN = {12: "-low", 20: "-high"}


def _fitting(size: Size) -> Mapping[str, bool]:
    """The classes that stand for sizes, and whether a size has them; the least is for less, too."""
    found: dict[str, bool] = {}
    for limits, cells in ((_ACROSS, size.width), (_DOWN, size.height)):
        least = max((limit for limit in limits if limit <= cells), default=min(limits))
        found |= {name: limit == least for limit, name in limits.items()}
    return found


def _is_too_small(size: Size) -> bool:
    return size.width < min(_ACROSS) or size.height < min(_DOWN)


class Closable(Screen[ScreenResultType]):
    """A screen that closes itself alone: Textual closes the one on top, whichever that is."""

    @property
    def is_dialog(self) -> bool:
        """Whether it is answered or closed before anything else is done."""
        return self.is_modal

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close this screen, unless it was closed already or another covers it."""
        if self.app.screen is not self:
            return AwaitComplete()
        return super().dismiss(result)


class Fitted(Closable[ScreenResultType]):
    """A screen that is styled once when it is opened, for the terminal as large as it is now.

    Textual styles a screen when it is made, again when it is shown, and again when it hears how
    large it is; and it draws the whole of it when the focus moves, which what moves does by itself.
    When another size asks for other styles, it styles everything at one go, after it has laid
    everything out in the old ones. So classes for sizes are given here, and the app names none.

    A terminal that is too small covers the screen, and what is under the cover stays as it is.

    A dialog names `ModalScreen` first: Textual takes the styles of the first base alone.
    """

    focused: Reactive[Widget | None] = Reactive[Widget | None](None, repaint=False)

    def __init__(
        self,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's names, which a dialog gives on
        classes: str | None = None,
    ) -> None:
        super().__init__(name, id, classes)
        self._was_shown = False
        self._tidying: Timer | None = None
        self.is_covered = False
        self.update_classes(_fitting(self.app.size), update=False)

    @on(events.Resize)
    async def _fit(self, event: events.Resize) -> None:
        """Have the styles that a size asks for, before Textual lays the screen out."""
        # Textual lays out those behind this one, too, before they hear of the size.
        for screen in self.app.screen_stack:
            if isinstance(screen, Fitted):
                screen.cover(_is_too_small(event.size))
        fitting = _fitting(event.size)
        if not self.is_covered and any(self.has_class(n) != fits for n, fits in fitting.items()):
            self.update_classes(fitting, update=False)
            await self.style_anew(self, but=self.lay_aside())
            self._draw_apart()
            self._tidy_soon()
        elif self.outer_size == event.size:
            # It was laid out for this size when it was shown, a moment ago.
            event.stop()
            event.prevent_default()

    @on(events.ScreenSuspend)
    def _close_lists(self) -> None:
        """Close a list that is open: it would be drawn over what comes."""
        field: Any
        # By its name: the first screen has none, and is painted before the class is imported.
        for field in self.query("Select.-expanded"):
            field.expanded = False
            self.set_focus(field)

    def cover(self, covered: bool) -> None:
        """Have the word for too small a terminal stand over everything, or no more."""
        if covered == self.is_covered:
            return
        self.is_covered = covered
        self.styles.overflow_x = self.styles.overflow_y = "hidden" if covered else None
        for child in self.children:
            if isinstance(child, TooSmall):
                child.display = covered
            elif not covered:
                child.styles.width = child.styles.height = None
            elif child.styles.dock == "none" and child.outer_size:
                child.styles.width, child.styles.height = child.outer_size

    def lay_aside(self) -> Collection[Widget]:
        """Note and return what is not styled for another size now: whoever shows it does that."""
        return ()

    async def style_anew(self, top: Widget, *, but: Collection[Widget] = ()) -> None:
        """Style a widget and all below it, a few at a time, while nothing is drawn."""
        with self.app.batch_update():
            nodes = iter(list(_below(top, but)))
            while some := list(islice(nodes, _AT_A_TIME)):
                self.app.stylesheet.update_nodes(some)
                await sleep(0)

    @on(events.ScreenResume)
    def _show_as_made(self, event: events.ScreenResume) -> None:
        """Style nothing anew when it is shown first; later, something may have changed.

        It may have been behind others while the terminal changed, and others may have closed.
        """
        event.refresh_styles = event.refresh_styles and self._was_shown
        if self._was_shown:
            sweeping.litter()
        self._was_shown = True
        self.cover(_is_too_small(self.app.size))
        self._draw_apart()
        # Of several screens that close one after the other, each is taken away by itself.
        self._tidy_soon()

    def _tidy_soon(self) -> None:
        if self._tidying:
            self._tidying.stop()
        self._tidying = self.set_timer(_CALM_SECONDS, self.tidy)

    def tidy(self) -> None:
        """Take away what was closed, when the person looks at the screen."""
        sweeping.clear()

    @on(events.Unmount)
    def _leave_litter(self) -> None:
        sweeping.litter()

    def _draw_apart(self) -> None:
        """Have what is laid out now drawn in a turn of its own: a key may come in between."""
        batch = ExitStack()
        batch.enter_context(self.app.batch_update())
        # Where there is a batch, Textual puts the drawing off in this queue, behind its end.
        if not self.call_later(_let_others_in, batch):
            batch.close()


async def _let_others_in(batch: ExitStack) -> None:
    with batch:
        await sleep(0)


def _below(top: Widget, but: Collection[Widget]) -> Iterator[Widget]:
    """A widget and all below it, from the top down."""
    yield top
    for child in top.children:
        if child not in but:
            yield from _below(child, but)


class Page(Alike, Fitted[ScreenResultType]):
    """A screen that stands alone, where a dialog lets another be seen behind it."""


class TopLine(Vertical):
    """The program's name, where assistants are created, and what is wrong with saving."""

    def compose(self) -> ComposeResult:
        """Name at the left, target at the right, trouble below."""
        with Horizontal():
            yield Static("◆ qcall-wizard", id="brand")
            yield Static(id="target")
        yield Static(id="trouble")

    def on_mount(self) -> None:
        """Follow the app."""
        self.watch(self.app, "target", self._tell_target)
        self.watch(self.app, "trouble", self._tell_trouble)

    def on_unmount(self) -> None:
        """Follow no more: Textual holds who watches until what is watched changes."""
        for watchers in getattr(self.app, "__watchers", {}).values():
            watchers[:] = [each for each in watchers if each[0] is not self]

    def _tell_target(self, target: Target) -> None:
        told = "Sandbox" if target.is_sandbox else f"Live · {target.name}"
        shown = self.query_one("#target", Static)
        shown.update(Content(told))
        shown.set_class(not target.is_sandbox, "-live")

    def _tell_trouble(self, trouble: str) -> None:
        shown = self.query_one("#trouble", Static)
        shown.update(Content(f"✗ Not saved. {trouble} F10 writes the payload elsewhere."))
        shown.display = bool(trouble)


class _Key(NamedTuple):
    """A key of the footer: what is pressed for it, what stands there, whether it works now."""

    pressed: str
    key: str
    words: str
    works: bool
    tip: str


class Keys(Widget):
    """The keys that work where the focus is, on one row; a click on one presses it.

    One widget draws them all: Textual's own footer has a widget for each key, makes them anew when
    the focus moves, and lays the screen out for them, which took half of a change of steps.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "keys--key",
        "keys--words",
        "keys--over",
        "keys--idle",
        "keys--edge",
    }

    _keys: reactive[tuple[_Key, ...]] = reactive(())
    _palette: reactive[_Key | None] = reactive[_Key | None](None)
    _over: reactive[_Key | None] = reactive[_Key | None](None)
    # How many keys the mouse wheel has moved out of sight at the left.
    _passed = reactive(0)

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)

    def on_unmount(self) -> None:
        """Follow no more."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def _follow(self, screen: Screen[Any]) -> None:
        if not (screen.app.app_focus and self.is_attached):
            return
        shown: dict[str, _Key] = {}
        active = screen.active_bindings
        for each in active.values():
            if each.binding.show and each.binding.action not in shown:
                shown[each.binding.action] = self._key(each.binding, each.enabled, each.tooltip)
        last = active.get(self.app.COMMAND_PALETTE_BINDING)
        self._keys = tuple(shown.values())
        self._palette = self._key(last.binding, last.enabled, last.tooltip) if last else None

    def _key(self, binding: Binding, works: bool, tip: str) -> _Key:
        shown = self.app.get_key_display(binding)
        return _Key(binding.key, shown, binding.description, works, tip)

    def watch__keys(self) -> None:
        """Begin at the left where other keys come."""
        self._passed = 0

    # --- drawing

    def render(self) -> Content:
        """The keys from the left, as many as have room, and the palette's at the right."""
        row = Content("").join(self._drawn(key) for key in self._in_sight())
        if self._palette is None:
            return row
        return row.truncate(self._room, pad=True) + self._drawn_last(self._palette)

    @property
    def _room(self) -> int:
        """The cells that there are for all keys but the palette's."""
        last = self._drawn_last(self._palette).cell_length if self._palette else 0
        return self.content_size.width - last

    def _in_sight(self) -> Iterator[_Key]:
        room = self._room
        for key in self._keys[self._passed :]:
            room -= self._drawn(key).cell_length
            if room < 0:
                return
            yield key

    def _drawn(self, key: _Key) -> Content:
        # Where there is little room the keys stand closer together.
        close = any(map(self.screen.has_class, ("-normal", "-narrow")))
        margin = "" if close else " "
        named = Content(f"{margin}{key.key} ").stylize(self._look("key"))
        return self._lit(named + Content(f"{key.words} ").stylize(self._look("words")), key)

    def _drawn_last(self, key: _Key) -> Content:
        named = Content(key.key).stylize(self._look("key"))
        told = self._lit(named + Content(f" {key.words}").stylize(self._look("words")), key)
        return Content("▏").stylize(self._look("edge")) + told + Content(" ")

    def _lit(self, told: Content, key: _Key) -> Content:
        if not key.works:
            return told.stylize(self._look("idle"))
        return told.stylize(self._look("over")) if key == self._over else told

    def _look(self, part: str) -> Style:
        return self.get_visual_style(f"keys--{part}", partial=True)

    # --- the mouse

    def _at(self, x: int) -> _Key | None:
        """The key that stands at a column."""
        if x >= self._room:
            return self._palette
        for key in self._in_sight():
            x -= self._drawn(key).cell_length
            if x < 0:
                return key
        return None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Light the key under the mouse, and tell what it is for."""
        self._over = self._at(event.x - self.gutter.left)
        self.tooltip = self._over.tip or None if self._over else None

    def on_leave(self) -> None:
        """Light none."""
        self._over = None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Press the key."""
        key = self._at(event.x - self.gutter.left)
        if key and key.works:
            self.app.simulate_key(key.pressed)
        elif key:
            self.app.bell()

    def on_mouse_scroll_down(self) -> None:
        """Bring keys in sight that have no room."""
        if self._passed + len(list(self._in_sight())) < len(self._keys):
            self._passed += 1

    def on_mouse_scroll_up(self) -> None:
        """Go back to the first keys."""
        self._passed = max(0, self._passed - 1)


class TooSmall(Static):
    """Covers the screen while the terminal is too small; what is under it stays as it is."""

    def __init__(self) -> None:
        super().__init__("Too small: 40 columns and 12 rows are needed.", id="too-small")
