"""The scrolled page of a form."""

from textual.containers import VerticalScroll

from screens.form.row import show_whole
from screens.widgets.page_frame import ResponsiveScreen


class FormPage(VerticalScroll, can_focus=False):
    """Keeps the focus in sight when rows appear, disappear or grow, or the window changes."""

    def watch_virtual_size(self) -> None:
        """The rows have another height."""
        self.call_after_refresh(self._keep_in_sight)

    def on_resize(self) -> None:
        """The page has another height."""
        self.call_after_refresh(self._keep_in_sight)

    def _keep_in_sight(self) -> None:
        screen, focused = self.screen, self.screen.focused
        is_covered = isinstance(screen, ResponsiveScreen) and screen.is_covered
        if focused and self in focused.ancestors and not is_covered:
            show_whole(focused, force=True)
