"""An earlier update of an existing assistant, and its outcome."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Button

from screens.dialogs.result import OutcomeScreen
from screens.messages import LookupRequested, RestoreRequested
from screens.widgets.inputs import pictured
from wizard.api.outcomes import Outcome, local_time
from wizard.api.update_outcomes import Updated
from wizard.api.update_receipts import UpdateReceipt

_UNKNOWN = "It may have been changed: read the assistant to find out."


class UpdateReceiptScreen(OutcomeScreen):
    """An earlier update; `outcome` is the result of a lookup just now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.back_to_steps", "Back", id="receipt.back"),
    ]

    def __init__(self, receipt: UpdateReceipt, outcome: Outcome | None = None) -> None:
        super().__init__()
        self._receipt = receipt
        self.show_receipt(receipt, outcome)
        sent = f"the update was sent to {receipt.label} on {local_time(receipt.sent)}"
        self.sentences = [pictured(f"{receipt.name}: {sent}. Its id is {receipt.assistant}.")]
        if outcome:
            self.sentences.append(outcome.sentence)
        elif receipt.is_open:
            self.sentences.append(_UNKNOWN)
        if receipt.not_kept:
            differing = ", ".join(receipt.not_kept)
            self.sentences.append(pictured(f"QCall returned other values for: {differing}."))
        can_check = receipt.is_open and not isinstance(outcome, Updated)
        is_applied = receipt.kind == "updated" or isinstance(outcome, Updated)
        self.actions = [
            ("Back", "back"),
            *([("Read the assistant", "ask")] if can_check else []),
            *([("Put the old one back", "restore")] if is_applied else []),
        ]

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Run the action of a button."""
        event.stop()
        match event.button.id:
            case "ask":
                self.post_message(LookupRequested(self._receipt.id))
            case "restore":
                self.post_message(RestoreRequested(self._receipt.id))
            case _:
                await self.app.run_action("back_to_steps")
