"""What draws nothing but its background: one line of it does for all."""

from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.geometry import Region
from textual.strip import Strip

if TYPE_CHECKING:
    from textual.widget import Widget
else:
    # Textual takes the styles of the first widget among the bases, which this must not be.
    Widget = object


class Alike(Widget):
    """Draws one line and shows it in the place of every other; stands before the widget's class.

    Textual keeps every line of every widget, and the pieces that it is cut into at the edges of
    what stands over it, a kilobyte each: 15 a line of a large screen, none of which is seen.
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a part of it, from left to right as wide as that part."""
        return super().render_lines(Region(crop.x, 0, crop.width, 1)) * crop.height


class AlikeHorizontal(Alike, Horizontal):
    """Places side by side that fill it."""


class AlikeVertical(Alike, Vertical):
    """Places below each other that fill it."""
