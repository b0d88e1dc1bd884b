"""Fields of one line that hold no answers, and texts as they are shown: what every screen needs."""

from functools import cache

from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input


def pictured(text: str) -> str:
    """A text as it is shown, with pictures for what a terminal would obey; of the same length."""
    return text if text.isprintable() else text.translate(_pictures())


@cache
def _pictures() -> dict[int, int]:
    """What a terminal would act on, or cannot be written, has a picture; few texts need one."""
    return {
        **{code: 0x2400 + code for code in range(0x20) if code != 0x09},
        0x7F: 0x2421,
        **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
        **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
        0x2028: 0x2424,
        0x2029: 0x2424,
    }


class CalmInput(Input):
    """An input whose cursor does not blink; what it holds is never an answer, but for secrets."""

    # None is as wide as its text: a key that makes that longer need not have the screen laid out.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0))

    def on_mount(self) -> None:
        """Nothing is drawn while nobody does anything."""
        self.cursor_blink = False


class SecretInput(CalmInput):
    """One line that is shown as dots, and that does not go to the clipboard while it is."""

    def action_copy(self) -> None:
        """Copy the selected text, unless it is hidden."""
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        """Cut the selected text, unless it is hidden."""
        if not self.password:
            super().action_cut()
