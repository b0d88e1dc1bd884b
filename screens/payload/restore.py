"""The question before the old assistant of a receipt is put back."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from screens.payload.row_list import RowList
from screens.payload.update_rows import update_rows
from screens.widgets.inputs import pictured
from screens.widgets.page_frame import Page
from wizard.api.update_outcomes import KEY_NOT_RESTORED
from wizard.api.update_receipts import UpdateReceipt
from wizard.api.updates import Plan
from wizard.contract.assistant import labels_of
from wizard.settings import Target


class RestoreScreen(Page[bool]):
    """Shows what putting back the old assistant changes; returns whether to do it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "dismiss(False)", "Not yet", id="restore.no"),
        Binding("ctrl+s,y", "send", "Put it back", id="restore.yes", priority=True),
    ]

    def __init__(self, receipt: UpdateReceipt, made: Plan, target: Target) -> None:
        super().__init__()
        self._receipt = receipt
        self._made = made
        self._target = target

    is_dialog = True  # it is answered before anything else is done

    def contents(self) -> ComposeResult:
        """The question, what changes, and two buttons."""
        name, place = pictured(self._receipt.name), self._target.place
        with Vertical(id="restore-page"):
            yield Static(Content(f"Put the old {name} back {place}?"), classes="title")
            for sentence in self._notes():
                yield Static(Content(pictured(sentence)), classes="wrong")
            yield RowList(update_rows(self._made.changes), id="restore-rows")
            with Horizontal(classes="buttons"):
                yield Button("Put it back (y)", id="yes", variant="primary", compact=True)
                yield Button("Not yet (n)", id="no", compact=True)

    def on_mount(self) -> None:
        """Begin at the first change, behind the title."""
        self.query_one(RowList).lay_out(cursor=1)
        self.query_one("#yes", Button).disabled = self._made.is_empty

    def _notes(self) -> list[str]:
        """What was changed meanwhile, and what cannot be put back."""
        names = ", ".join(labels_of((side.name,)) for side in self._made.theirs)
        meanwhile = (
            f"Changed since that update: {names}. Fields that the update did not touch keep their "
            "value."
        )
        lost = [KEY_NOT_RESTORED] if self._receipt.has_lost_key else []
        return [*([meanwhile] if names else []), *lost]

    def action_send(self) -> None:
        """Put it back, if the window shows what that is."""
        if not (self._made.is_empty or self.is_covered):
            self.dismiss(True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by a button."""
        event.stop()
        if event.button.id == "yes":
            self.action_send()
        else:
            self.dismiss(False)
