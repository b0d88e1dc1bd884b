"""Draws the screens of tests only if a test looks: a seventh of the time of the tests with screens.

An app without a terminal draws each change too, and writes it nowhere.
"""

from typing import Any

from textual._compositor import Compositor

_render_update = Compositor.render_update


def _render_all_or_nothing(self: Compositor, full: bool = False, **more: Any) -> Any:
    if full:
        return _render_update(self, full=True, **more)
    self._dirty_regions.clear()
    return None


def draw_only_if_looked_at() -> None:
    """Leave out the drawing of changes in this process; a picture or a look draws the whole."""
    Compositor.render_update = _render_all_or_nothing  # type: ignore[method-assign]
