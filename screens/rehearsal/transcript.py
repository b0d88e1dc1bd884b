"""The transcript of a call: draws only the lines in sight, and streams by the frame."""

from collections.abc import Iterator, Sequence
from itertools import groupby, repeat, zip_longest
from time import monotonic
from typing import ClassVar, Final

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from screens.widgets.inputs import pictured_lines
from screens.widgets.signs import ACTED
from screens.widgets.virtual_list import fit_lines
from wizard.rehearsal.call_record import Line, LineKind

# A model may send hundreds of pieces a second; they are drawn at most this often, in seconds.
_FRAME: Final = 1 / 30
# The cells of the column that names the speaker, and the least width for it.
_NAMES: Final = 11
_LEAST: Final = 44
# The least width for two answers side by side, and the cells between them.
_BESIDE: Final = 60
_GAP: Final = 2

_NAMED: Final = {LineKind.ASSISTANT: "Assistant", LineKind.CALLER: "Caller"}


class Transcript(ScrollView, can_focus=True):
    """Lines of a call by turns. `compare` puts the answers of an earlier call beside them."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "call--line",
        "call--assistant",
        "call--caller",
        "call--action",
        "call--note",
        "call--text",
    }

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Line] = []
        self._earlier: dict[int, list[Line]] = {}
        self._strips: list[Strip] = []
        # The first strip of each turn. The last turn is drawn again as it grows.
        self._tops: list[int] = []
        # The line that is being said.
        self.partial: Line | None = None
        self._drawn_at = 0.0
        self._is_waiting = False
        self._begins_at_top = False
        # The height that the lines were last seen in, and whether their end is yet to be shown.
        self._height = 0
        self._goes_to_end = False

    # --- what is shown

    def show(self, lines: Sequence[Line], *, at_top: bool = False) -> None:
        """Show other lines, from the end or from the top, and nothing beside them."""
        self._lines, self._earlier, self.partial = list(lines), {}, None
        self._begins_at_top = at_top
        self._draw_all()
        if at_top:
            self.scroll_home(animate=False)

    def compare(self, earlier: Sequence[Line]) -> None:
        """Begin with no lines, with an earlier call beside those that follow."""
        answers = [line for line in earlier if line.kind is not LineKind.CALLER]
        self._earlier = {turn: list(each) for turn, each in groupby(answers, lambda a: a.turn)}
        self._lines, self.partial = [], None
        self._begins_at_top = False
        self._draw_all()

    def add(self, line: Line) -> None:
        """Add a line, which ends the one that is being said."""
        if line.kind in (LineKind.ASSISTANT, LineKind.CALLER):
            self.partial = None
        self._lines.append(line)
        self._draw()

    def stream(self, kind: LineKind, piece: str) -> None:
        """Add a piece to the line that is being said."""
        begun = self.partial
        turn = self._lines[-1].turn if self._lines else 0
        if begun is None and kind is LineKind.CALLER:
            turn += 1
        self.partial = Line(kind, piece, turn) if begun is None else _longer(begun, piece)
        if self._is_waiting:
            return
        wait = self._drawn_at + _FRAME - monotonic()
        if wait <= 0:
            self._draw_frame()
        else:
            self._is_waiting = True
            self.set_timer(wait, self._draw_frame)

    def end_stream(self) -> None:
        """Take away a line that was begun and never said."""
        if self.partial is not None:
            self.partial = None
            self._draw()

    def _draw_frame(self) -> None:
        self._is_waiting = False
        if self.partial is not None:
            self._drawn_at = monotonic()
            self._draw()

    # --- drawing

    def on_resize(self, event: events.Resize) -> None:
        """Wrap again."""
        # Of the lines as they were: in a lower window their end is out of view already.
        was_at_end = self.scroll_offset.y >= len(self._strips) - self._height
        self._goes_to_end |= was_at_end or self._is_at_end
        self._height = self.size.height
        self._draw_all()
        self.call_after_refresh(self._end_resize)

    def _end_resize(self) -> None:
        if self._goes_to_end and not self._begins_at_top:
            self.scroll_end(animate=False, immediate=True)
        self._goes_to_end = False

    @property
    def _is_at_end(self) -> bool:
        return self.scroll_offset.y >= self.max_scroll_y

    def render_line(self, y: int) -> Strip:
        """Draw a line."""
        line = y + self.scroll_offset.y
        width = self._width
        style = self.get_visual_style("call--line").rich_style
        found = self._strips[line] if line < len(self._strips) else Strip([])
        return found.extend_cell_length(width, style).crop(0, width)

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    def _by_turn(self) -> list[list[Line]]:
        shown = [*self._lines, *([self.partial] if self.partial else [])]
        return [list(turn) for _, turn in groupby(shown, lambda line: line.turn)]

    def _draw_all(self) -> None:
        self._strips, self._tops = [], []
        self._draw()

    def _draw(self) -> None:
        """Draw the last turn that was drawn, and those after it."""
        turns = self._by_turn()
        first = max(0, min(len(self._tops), len(turns)) - 1)
        if first < len(self._tops):
            del self._strips[self._tops[first] :]
        del self._tops[first:]
        for turn in turns[first:]:
            self._tops.append(len(self._strips))
            self._strips += self._draw_turn(turn)
        self._follow()

    def _follow(self) -> None:
        """Show the last line, unless the person has scrolled away from it."""
        is_at_end = self._goes_to_end or self._is_at_end
        fit_lines(self, Size(self._width, len(self._strips)))
        if is_at_end and not self._begins_at_top:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True, immediate=True)
        self.refresh()

    def _draw_turn(self, turn: list[Line]) -> list[Strip]:
        width = self._width
        if not width:
            return []
        blank = [Strip([])] if self._strips and self.screen.has_class("-high") else []
        if not self._earlier:
            return blank + self._draw_lines(turn, width)
        # What differs is an answer, not the caller's line and not a note before the call.
        number = turn[0].turn
        shared = (LineKind.CALLER, LineKind.NOTE)[: 1 if number else 2]
        same = [line for line in turn if line.kind in shared]
        before = [line for line in self._earlier.get(number, []) if line.kind not in shared]
        now = [line for line in turn if line.kind not in shared]
        pair = self._draw_pair(before, now, width) if before or now else ()
        return [*blank, *self._draw_lines(same, width), *pair]

    def _draw_lines(self, lines: Sequence[Line], width: int) -> list[Strip]:
        drawn = (self._draw_line(line, width, _NAMED.get(line.kind, "")) for line in lines)
        return [strip for strips in drawn for strip in strips]

    def _draw_block(self, name: str, lines: Sequence[Line], width: int) -> list[Strip]:
        """Draw lines with a name before the first."""
        shown = lines or [Line(LineKind.ASSISTANT, "no answer")]
        names = [name, *[""] * len(shown)]
        drawn = (self._draw_line(*each) for each in zip(shown, repeat(width), names, strict=False))
        return [strip for strips in drawn for strip in strips]

    def _draw_pair(self, before: list[Line], now: list[Line], width: int) -> Iterator[Strip]:
        """Draw two answers side by side, or one under the other if there is no room."""
        half = (width - _GAP) // 2 if width >= _BESIDE else width
        left = self._draw_block("Before", before, half)
        right = self._draw_block("Now", now, half)
        if half == width:
            yield from left
            yield from right
            return
        style = self.get_visual_style("call--line").rich_style
        for one, other in zip_longest(left, right, fillvalue=Strip([])):
            yield Strip.join([one.extend_cell_length(half + _GAP, style), other])

    def _draw_line(self, line: Line, width: int, name: str) -> list[Strip]:
        kind_style = self.get_visual_style(f"call--{line.kind}", partial=True)
        sign = f"{ACTED} " if line.kind is LineKind.ACTION else ""
        text = Content(sign + pictured_lines(line.text))
        if line.kind not in _NAMED:
            text = text.stylize(kind_style)
        is_before = line.kind is LineKind.NOTE and not line.turn
        speaker = "caller" if line.kind is LineKind.CALLER else "assistant"
        named = self.get_visual_style(f"call--{speaker}", partial=True)
        if width < _LEAST or is_before:
            return self._wrap(Content(f"{name}: " if name else "").stylize(named) + text, width)
        label = self._wrap(Content(name.ljust(_NAMES)).stylize(named), _NAMES)
        style = self.get_visual_style("call--line").rich_style
        under = Strip([]).extend_cell_length(_NAMES, style)
        body = self._wrap(text, width - _NAMES)
        return [Strip.join([under if row else label[0], strip]) for row, strip in enumerate(body)]

    def _wrap(self, text: Content, width: int) -> list[Strip]:
        return Visual.to_strips(self, text, width, None, self.get_visual_style("call--line"))


def _longer(line: Line, piece: str) -> Line:
    return Line(line.kind, line.text + piece, line.turn)
