"""A dialog with a list of options, such as suggestions or the steps."""

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from screens.widgets.inputs import CalmInput, pictured
from screens.widgets.page_frame import Keys, ResponsiveScreen, TooSmall

# A list longer than this is searched rather than read.
_SEARCHED_FROM = 15


class Menu(ModalScreen[str | None], ResponsiveScreen[str | None]):
    """A list to choose one of; long lists have a search field. Returns the key, or `None`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="menu.close"),
        Binding("down", "into_list", show=False, id="menu.down"),
    ]

    def __init__(self, title: str, options: Mapping[str, str | Content], at: str = "") -> None:
        super().__init__()
        self._title = title
        self._options = options
        self._at = at

    def compose(self) -> ComposeResult:
        """Title, list, and a search field for long lists."""
        with Vertical(id="menu"):
            yield Static(pictured(self._title), classes="title", markup=False)
            if len(self._options) > _SEARCHED_FROM:
                yield CalmInput(placeholder="type to search", compact=True)
            yield OptionList(*self._found(""), markup=False)
        yield Keys()
        yield TooSmall()

    def on_mount(self) -> None:
        """Begin at the current option."""
        listed = self.query_one(OptionList)
        listed.highlighted = [*self._options].index(self._at) if self._at in self._options else 0
        if not self.query(Input):
            self.set_focus(listed)

    def _found(self, text: str) -> list[Option]:
        words = text.casefold().split()
        return [
            Option(pictured(shown) if isinstance(shown, str) else shown, id=key)
            for key, shown in self._options.items()
            if all(word in f"{key} {shown}".casefold().replace("_", " ") for word in words)
        ]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter the list by the search."""
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options(self._found(event.value))
        if listed.option_count:
            listed.highlighted = 0

    def on_input_submitted(self) -> None:
        """Choose the first match."""
        self.query_one(OptionList).action_select()

    def action_into_list(self) -> None:
        """Move from the search field to the list."""
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the chosen option."""
        self.dismiss(event.option_id)
