"""The frame of every screen: the top bar, the footer, the cover for tiny terminals."""

from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import Any, ClassVar, Final, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Offset
from textual.reactive import Reactive, reactive
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Static

from screens.textual_internals.private_names import stop_watching
from screens.textual_internals.screen_callbacks import SafeCallbacks
from screens.widgets.inputs import pictured
from screens.widgets.notifications import end_messages
from wizard.settings import Target

# The classes of a screen by its least columns and rows.
COLUMNS: Final = [(0, "-tiny"), (40, "-narrow"), (64, "-normal"), (120, "-wide")]
ROWS: Final = [(0, "-flat"), (12, "-low"), (20, "-high")]

# The styles of all screens but the start page. If they were parsed before the first paint, it would
# take 1.21 times as long as that of ten fields of Textual instead of 1.15.
STYLES: Final = Path(__file__).parent.with_name("wizard.tcss")

_BRAND: Final = "◆ qcall-wizard"


class Closable(SafeCallbacks[ScreenResultType]):
    """A screen that closes only itself: Textual's `dismiss` closes the one on top."""

    CSS_PATH: ClassVar[Path | None] = STYLES

    # Textual draws the whole screen each time the focus moves. What shows the focus draws itself;
    # without this a step takes 1.6 times as long to change.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.keys", "Keys", show=False, id="screen.keys"),
    ]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._opened_at = time()

    def on_compose(self) -> None:
        """Begin with the classes of the terminal's size: Textual sets them when it is laid out, and
        styles everything on the screen once more.
        """
        for length, sizes in zip(self.app.size, (COLUMNS, ROWS), strict=True):
            self.add_class(next(name for at, name in reversed(sizes) if length >= at), update=False)

    @on(events.Mount)
    def _end_messages(self) -> None:
        """End the messages from before this screen: they are about what it covers."""
        end_messages(self.app, self._opened_at)

    @on(events.Resize)
    def _show_focus(self) -> None:
        """Keep what has the focus in sight in a dialog that has become smaller."""
        if self.is_modal and self.focused:
            self.call_after_refresh(self.focused.scroll_visible, animate=False)

    @property
    def is_dialog(self) -> bool:
        """Whether it has to be closed before anything else can be done."""
        return self.is_modal

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close this screen, unless it was closed already or another covers it."""
        if self.app.screen is not self:
            return AwaitComplete()
        return super().dismiss(result)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Return what is at a place, unless it was just removed.

        Textual reads the parent of what was pressed, which a removed widget does not have.
        """
        widget, offset = super().get_widget_and_offset_at(x, y)
        is_removed = widget is not None and widget is not self and widget.parent is None
        return (None, None) if is_removed else (widget, offset)


class ResponsiveScreen(Closable[ScreenResultType]):
    """A screen with a frame around its `contents`; it knows if the terminal is too small for it."""

    def compose(self) -> ComposeResult:
        """What the screen shows, and its frame."""
        yield from self.contents()
        yield Keys()
        yield TooSmall()

    def contents(self) -> ComposeResult:
        """What the screen shows."""
        yield from ()

    @property
    def is_covered(self) -> bool:
        """Whether the terminal is too small for the screen to be seen."""
        return self.has_class("-tiny") or self.has_class("-flat")


class Page(ResponsiveScreen[ScreenResultType]):
    """A full screen. `names_draft` is whether the top bar names the assistant that is edited."""

    names_draft: ClassVar[bool] = True

    def compose(self) -> ComposeResult:
        """What the screen shows, and its frame."""
        yield TopBar(names_draft=self.names_draft)
        yield from super().compose()


class Dialog(ModalScreen[ScreenResultType], ResponsiveScreen[ScreenResultType]):
    """A dialog over the screen behind it.

    `ModalScreen` is its first base: Textual reads the styles of that one alone.
    """


class TopBar(Vertical):
    """The program's name, the target, and the error if saving failed.

    With `names_draft`, the existing assistant that is edited takes the place of the name.
    """

    def __init__(self, *, names_draft: bool = True) -> None:
        super().__init__()
        self._names_draft = names_draft

    def compose(self) -> ComposeResult:
        """The name at the left, the target at the right, the error below."""
        with Horizontal():
            yield Static(_BRAND, id="brand", markup=False)
            yield Static(id="target")
        yield Static(id="trouble")

    def on_mount(self) -> None:
        """Follow the app."""
        if self._names_draft:
            self.watch(self.app, "editing", self._show_editing)
        self.watch(self.app, "target", self._show_target)
        self.watch(self.app, "trouble", self._show_trouble)

    def on_unmount(self) -> None:
        """Stop following the app."""
        stop_watching(self.app, self)

    def _show_editing(self, name: str) -> None:
        words = f"◆ Editing {pictured(name)}" if name else _BRAND
        self.query_one("#brand", Static).update(words)

    def _show_target(self, target: Target) -> None:
        shown = self.query_one("#target", Static)
        shown.update(Content(target.badge))
        shown.set_class(target.is_live, "-live")

    def _show_trouble(self, trouble: str) -> None:
        shown = self.query_one("#trouble", Static)
        shown.update(Content(f"✗ Not saved. {trouble} F10 writes the payload elsewhere."))
        shown.display = bool(trouble)


class Heading(Static):
    """The title of a step or a form, and what it is about if that has room beside it."""

    def __init__(self, title: str, about: str) -> None:
        super().__init__(classes="heading")
        self._title = Content(title).stylize("bold $text-accent")
        self._whole = Content("  ").join([self._title, Content(about).stylize("$text-muted")])

    def render(self) -> Content:
        """The whole, or the title alone."""
        return self._whole if self._whole.cell_length <= self.size.width else self._title


class _Key(NamedTuple):
    """A key of the footer: its binding, its label, whether it works now."""

    pressed: str
    key: str
    words: str
    works: bool
    tip: str


class Keys(Widget):
    """The keys that work now, on one row; a click on one presses it.

    One widget draws them all. Textual's footer has a widget for each key and recreates them when
    the focus moves: with it Tab takes three times as long.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "keys--key",
        "keys--words",
        "keys--over",
        "keys--disabled",
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
        """Stop following."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def _follow(self, screen: Screen[Any]) -> None:
        # Behind a dialog the keys stay as they were.
        if not (screen.app.app_focus and self.is_attached and screen.app.screen is screen):
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
        """Scroll back to the first key when the keys change."""
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
        # On narrow screens the keys are closer together.
        close = any(map(self.screen.has_class, ("-normal", "-narrow")))
        margin = "" if close else " "
        named = Content(f"{margin}{key.key} ").stylize(self._style("key"))
        return self._lit(named + Content(f"{key.words} ").stylize(self._style("words")), key)

    def _drawn_last(self, key: _Key) -> Content:
        named = Content(key.key).stylize(self._style("key"))
        message = self._lit(named + Content(f" {key.words}").stylize(self._style("words")), key)
        return Content("▏").stylize(self._style("edge")) + message + Content(" ")

    def _lit(self, message: Content, key: _Key) -> Content:
        if not key.works:
            return message.stylize(self._style("disabled"))
        return message.stylize(self._style("over")) if key == self._over else message

    def _style(self, part: str) -> Style:
        return self.get_visual_style(f"keys--{part}", partial=True)

    # --- the mouse

    def _at(self, x: int) -> _Key | None:
        """The key at a column."""
        if x >= self._room:
            return self._palette
        for key in self._in_sight():
            x -= self._drawn(key).cell_length
            if x < 0:
                return key
        return None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Highlight the key under the mouse, and show its tooltip."""
        self._over = self._at(event.x - self.gutter.left)
        self.tooltip = self._over.tip or None if self._over else None

    def on_leave(self) -> None:
        """Highlight none."""
        self._over = None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Press the key."""
        key = self._at(event.x - self.gutter.left)
        if key and key.works:
            self.app.simulate_key(key.pressed)
        elif key:
            self.app.bell()

    def on_mouse_scroll_down(self) -> None:
        """Show the keys that have no room."""
        if self._passed + len(list(self._in_sight())) < len(self._keys):
            self._passed += 1

    def on_mouse_scroll_up(self) -> None:
        """Show the first keys again."""
        self._passed = max(0, self._passed - 1)


class TooSmall(Static):
    """Covers the screen while the terminal is too small; the screen below keeps its state."""

    def __init__(self) -> None:
        super().__init__("Too small: 40 columns and 12 rows are needed.", id="too-small")
