"""An assistant that was changed at QCall since it was opened: both changes, side by side."""

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Button, Static

from screens.payload.update_rows import LONGEST, shown_lines
from screens.widgets.inputs import pictured
from screens.widgets.page_frame import Page
from screens.widgets.signs import CHOSEN, NOT_CHOSEN
from wizard.api.update_outcomes import ChangedAtQCall
from wizard.contract.assistant import labels_of
from wizard.exchange.differences import RunKind, shortened
from wizard.exchange.merging import MemberChange

# The most lines of one side of a member.
_MOST = 40
_SIGNS = {RunKind.SAME: "  ", RunKind.REMOVED: "- ", RunKind.ADDED: "+ "}
_COLORS = {
    RunKind.REMOVED: "$text-error",
    RunKind.ADDED: "$text-success",
    RunKind.SAME: "$text-muted",
}


class MemberChoice(Vertical, can_focus=True):
    """A member that both sides changed; `theirs` is whether QCall's value is taken."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,m", "take(False)", "Mine", key_display="←", id="conflict.mine"),
        Binding("right,t", "take(True)", "QCall's", key_display="→", id="conflict.theirs"),
        Binding("space", "turn", "Other", show=False, id="conflict.turn"),
        Binding("down,enter", "app.focus_next", "Next", show=False, id="conflict.next"),
        Binding("up", "app.focus_previous", "Previous", show=False, id="conflict.previous"),
    ]

    theirs = reactive(False)

    def __init__(self, change: MemberChange) -> None:
        super().__init__(classes="member")
        self.member = change
        self._heads = Static(), Static()
        self._sides = Vertical(classes="side"), Vertical(classes="side")

    def compose(self) -> ComposeResult:
        """The label, and both sides."""
        change = self.member
        yield Static(Content(pictured(labels_of((change.name,)))), classes="title")
        with Horizontal(classes="member-sides"):
            before, *values = map(change.shown, (change.before, change.mine, change.theirs))
            for side, head, value in zip(self._sides, self._heads, values, strict=True):
                with side:
                    yield head
                    yield Static(_side(before, value))

    def watch_theirs(self) -> None:
        """Mark the chosen side."""
        for head, name, is_chosen in zip(
            self._heads, ("Mine", "At QCall"), (not self.theirs, self.theirs), strict=True
        ):
            words = Content(f"{CHOSEN if is_chosen else NOT_CHOSEN} {name}")
            head.update(words.stylize("$text-accent bold" if is_chosen else "$text-muted"))

    def action_take(self, theirs: bool) -> None:
        """Take one side."""
        self.theirs = theirs

    def action_turn(self) -> None:
        """Take the other side."""
        self.theirs = not self.theirs

    def on_click(self, event: events.Click) -> None:
        """Take the clicked side."""
        self.focus()
        clicked = event.widget.ancestors_with_self if event.widget else ()
        for side, theirs in zip(self._sides, (False, True), strict=True):
            if side in clicked:
                self.theirs = theirs


def _side(before: Any, after: Any) -> Content:
    """What one side changed, by line."""
    runs = shown_lines(before, after)
    lines: list[Content] = [
        Content(f"{_SIGNS[run.kind]}{pictured(shortened(run.text, LONGEST))}").stylize(
            _COLORS[run.kind]
        )
        for run in runs[:_MOST]
    ]
    if len(runs) > _MOST:
        lines.append(Content(f"… and {len(runs) - _MOST:,} more lines").stylize("$text-muted"))
    return Content("\n").join(lines)


class ConflictScreen(Page["set[str] | None"]):
    """Returns the names of the members whose value is QCall's, None to send nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Not yet", id="conflict.back"),
        Binding("ctrl+s", "send", "Update", id="conflict.send", priority=True),
    ]

    def __init__(self, outcome: ChangedAtQCall) -> None:
        super().__init__()
        self._outcome = outcome
        self._choices = [MemberChoice(c) for c in outcome.changes if c.is_conflict]

    is_dialog = True  # it is answered before anything else is done

    def contents(self) -> ComposeResult:
        """What happened, the members with both changes, and two buttons."""
        changes = self._outcome.changes
        mine = [change.name for change in changes if change.is_mine and not change.is_theirs]
        theirs = [change.name for change in changes if change.is_theirs and not change.is_mine]
        name = pictured(self._outcome.record.name)
        with Vertical(id="conflict-page"):
            yield Static(Content(f"? {name} was changed at QCall in the meantime"), classes="title")
            yield Static(Content(self._about(theirs)), classes="about")
            with VerticalScroll(id="members", can_focus=False):
                yield from self._choices
                for words, names in (("Changed at QCall alone", theirs), ("By you alone", mine)):
                    if names:
                        listed = ", ".join(labels_of((each,)) for each in names)
                        yield Static(Content(pictured(f"{words}: {listed}.")), classes="alone")
            with Horizontal(classes="buttons"):
                yield Button("Update", id="send", variant="primary", compact=True)
                yield Button("Not yet", compact=True)

    def _about(self, theirs: Sequence[str]) -> str:
        """What to do."""
        if not self._choices:
            return "Nothing was sent. The changes do not conflict: both are kept."
        count = len(self._choices)
        both = "One field was" if count == 1 else f"{count} fields were"
        return f"Nothing was sent. {both} changed on both sides: choose with ← and →."

    def action_send(self) -> None:
        """Return the choices, if the window shows what is sent."""
        if not self.is_covered:
            self.dismiss({choice.member.name for choice in self._choices if choice.theirs})

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Send, or go back."""
        event.stop()
        if event.button.id == "send":
            self.action_send()
        else:
            self.dismiss(None)
