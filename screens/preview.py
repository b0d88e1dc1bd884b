"""The preview: the exact bytes that will be sent, what stands in the way, and submit."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from screens.editing import pictured
from screens.frame import Keys, TooSmall, TopLine
from screens.json_view import JsonView
from screens.messages import GoTo
from wizard import paths
from wizard.assistant import SECRETS
from wizard.draft import Draft, step_of
from wizard.paths import Path
from wizard.settings import Target
from wizard.steps import STEPS

_TITLES = {info.step: info.title for info in STEPS}


class PreviewScreen(Screen[None]):
    """What will be sent where; problems are listed by step, each a jump to its field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.back_to_steps", "Back", id="preview.back"),
        Binding("ctrl+s", "app.submit", "Submit", id="preview.submit", priority=True),
        Binding("ctrl+r", "reveal", "Secrets", id="preview.reveal"),
        Binding("f2", "app.steps", "Steps", id="preview.steps", priority=True),
    ]

    def __init__(self, draft: Draft, target: Target) -> None:
        super().__init__()
        self._draft = draft
        self._target = target
        self._jumps: list[Path] = []

    def compose(self) -> ComposeResult:
        """State of the draft, problems, the payload."""
        yield TopLine()
        with Vertical(id="review"):
            yield Static(id="verdict")
            yield OptionList(id="problems", markup=False)
            yield Static(id="left-out")
            yield JsonView(folds=True, secrets=SECRETS, id="bytes")
            with Horizontal(classes="buttons"):
                yield Button("‹ Back", id="back", compact=True)
                yield Button("Submit …", id="submit", variant="primary", compact=True)
        yield Keys()
        yield TooSmall()

    def on_screen_resume(self) -> None:
        """Follow what was changed on another screen."""
        self.update_from(self._draft)

    def update_from(self, draft: Draft) -> None:
        """Show the draft as it stands."""
        self._draft = draft
        problems = draft.problems()
        self._jumps = [problem.path for problem in problems]
        self.query_one("#verdict", Static).update(self._verdict(len(problems)))
        listed = self.query_one("#problems", OptionList)
        listed.set_options(Option(_problem_line(str(p), p.path)) for p in problems)
        listed.display = bool(problems)
        if problems:
            listed.highlighted = 0
        self._tell_left_out()
        view = self.query_one("#bytes", JsonView)
        view.show(draft.compose())
        (listed if problems else view).focus()
        self.query_one("#submit", Button).disabled = bool(problems)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Secrets can be shown where there are any."""
        given = (paths.get(self._draft.compose(), path) for path in SECRETS)
        return action != "reveal" or any(value is not paths.MISSING for value in given)

    def action_reveal(self) -> None:
        """Show the secrets, or the dots again."""
        self.query_one("#bytes", JsonView).reveal()

    def _verdict(self, problems: int) -> Content:
        size = f"{len(self._draft.preview().encode('utf-8', 'replace')):,} bytes"
        if problems:
            count = "One thing stands" if problems == 1 else f"{problems} things stand"
            return Content(f"✗ {count} in the way. Enter goes to it.").stylize("$text-error")
        where = self._target.name
        return Content(f"✓ Ready for {where}: {size}, shown as they will be sent").stylize(
            "$text-success"
        )

    def _tell_left_out(self) -> None:
        told = [f"{paths.write(left.path)}: {left.why}" for left in self._draft.left_out()]
        told += [f"{name}: not documented by QCall, sent as it is" for name in self._draft.extras()]
        kept = self.query_one("#left-out", Static)
        kept.update(Content(pictured("Kept, not sent · " + "; ".join(told)) if told else ""))
        kept.display = bool(told)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the field of a problem."""
        self.post_message(GoTo(self._jumps[event.option_index]))

    def on_json_view_chosen(self, event: JsonView.Chosen) -> None:
        """Go to the field whose line was clicked."""
        self.post_message(GoTo(event.path))

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Back and submit by the mouse."""
        await self.app.run_action("submit" if event.button.id == "submit" else "back_to_steps")


def _problem_line(told: str, path: Path) -> Content:
    step = step_of(path)
    return Content(pictured(f"{_TITLES[step] if step else 'Payload'} · {told}"))


class ConfirmScreen(ModalScreen[bool]):
    """Asks before something is sent."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "dismiss(False)", "Not yet", id="confirm.no"),
        Binding("y", "dismiss(True)", "Create", id="confirm.yes"),
    ]

    def __init__(self, draft: Draft, target: Target, risk: str = "") -> None:
        super().__init__()
        self._draft = draft
        self._target = target
        self._risk = risk

    def compose(self) -> ComposeResult:
        """What, where, at what risk, and two buttons."""
        data = self._draft.compose()
        with Vertical(id="confirm"):
            yield Static("Create this assistant?", classes="title")
            told = f"{data['name']}, {data['type']}, for {data['company_name']}"
            yield Static(Content(pictured(told)))
            where = "in the sandbox, where nothing is real" if self._target.is_sandbox else ""
            yield Static(Content(where or f"on {self._target.name}, for real"), classes="about")
            if self._risk:
                yield Static(Content(self._risk), classes="wrong")
            with Horizontal(classes="buttons"):
                yield Button("Create (y)", id="yes", variant="primary", compact=True)
                yield Button("Not yet (n)", id="no", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by a button."""
        event.stop()
        self.dismiss(event.button.id == "yes")
