"""Variants: a draft duplicated, compared with others, moved to a template, kept as one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from screens.flows.start import StartFlow
from wizard.errors import NotWritten, WizardError

_NONE = "none"


class VersionsFlow(StartFlow):
    """The part of the app that makes one assistant out of another."""

    # --- duplicate and compare

    def action_duplicate(self) -> None:
        """Work on a copy of the draft; the one that it is of stays as it is."""
        copied = self.session.duplicate()
        self._work_on(copied)
        message = copied.answers.get("name") or "the copy"
        self.notify(f"This is {message}. Compare in the palette tells what differs.", markup=False)

    def action_compare(self) -> None:
        """Ask for the version to compare the draft with."""
        from screens.dialogs.menu import Menu

        options = self._others()
        if options:
            self.push_screen(Menu("Compare with", options), self._compare)
        else:
            self.notify("There is nothing to compare with yet.", markup=False)

    def _others(self) -> dict[str, str]:
        """The other drafts, the receipts and the templates; each by its kind and its id."""
        from wizard.api.outcomes import local_time
        from wizard.templates import template_names

        draft = self.session.draft
        options = {f"template {draft.template}": "Its template"} if draft.template else {}
        lines = [line for line in self.session.drafts() if line.id != draft.id]
        options |= {f"draft {line.id}": f"{line.name} · draft" for line in lines}
        try:
            receipts = self.session.receipts.all()
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)
            receipts = []
        for receipt in receipts:
            options[f"receipt {receipt.id}"] = f"{receipt.name} · sent {local_time(receipt.sent)}"
        for name in template_names(self.session.home):
            options.setdefault(f"template {name}", f"{name} · template")
        return options

    async def _compare(self, chosen: str | None) -> None:
        from screens.payload.compare import CompareScreen

        if chosen is None:
            return
        what, _, name = chosen.partition(" ")
        try:
            message, payload = await asyncio.to_thread(self._payload_of, what, name)
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        draft = self.session.draft
        self.action_back_to_steps()
        self.push_screen(CompareScreen(payload, draft.compose(), (message, "this draft")))

    def _payload_of(self, what: str, name: str) -> tuple[str, Mapping[str, Any]]:
        """Return the name of a version and its payload."""
        from wizard.api.outcomes import local_time
        from wizard.draft.draft import Draft
        from wizard.formats.json_text import parse_json
        from wizard.templates import find_template

        if what == "draft":
            draft = self.session.peek(name)
            return str(draft.answers.get("name") or f"the draft {name}"), draft.compose()
        if what == "receipt":
            receipt = self.session.receipts.get(name)
            sent = parse_json(receipt.body, f"the receipt {name}")
            message = f"{receipt.name}, sent {local_time(receipt.sent)},"
            return message, sent if isinstance(sent, dict) else {}
        own = self.session.draft
        draft, based = Draft(), own.based_on
        if language := own.answers.get("language"):
            draft.answer(("language",), language)
        same = based is not None and based.name == name
        draft.start_from(based if same else find_template(name, self.session.home))
        return f"the template {name}", draft.compose()

    # --- templates

    def action_template(self) -> None:
        """Ask which template the draft is to be based on; one's own answers stay."""
        from screens.dialogs.menu import Menu
        from wizard.templates import template_names

        now = self.session.draft.template or _NONE
        options = {name: name for name in template_names(self.session.home)}
        options = {_NONE: "No template", **options}
        self.push_screen(Menu("Base it on", options, at=now), self._base_on)

    def _base_on(self, chosen: str | None) -> None:
        from wizard.templates import find_template

        if chosen is None:
            return
        try:
            template = None if chosen == _NONE else find_template(chosen, self.session.home)
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.session.draft.start_from(template)
        self.session.changed()
        self._work_on(self.session.draft)
        self.notify("What you answered yourself is as it was. Ctrl+Z takes it back.", markup=False)

    def action_save_template(self) -> None:
        """Ask for a name to keep the draft under as a template of one's own."""
        self._ask_name(str(self.session.draft.answers.get("name") or ""))

    def _ask_name(self, title: str, trouble: str = "") -> None:
        from screens.dialogs.prompt import PromptScreen

        about = trouble or "It is kept as a file that can be shared; no secret is in it."
        self.push_screen(PromptScreen("Save as a template", about, title), self._save_template)

    def _save_template(self, title: str | None, *, replace: bool = False) -> None:
        from wizard.templates.own import name_for, save_as_template

        if not (title and title.strip()):
            return
        if self.session.home is None:
            self.notify("Nothing is kept in this session.", severity="error", markup=False)
            return
        name, draft, home = name_for(title), self.session.draft, self.session.home
        try:
            path = save_as_template(draft, name, home, title=title.strip(), replace=replace)
        except NotWritten as error:
            if error.exists:
                self._ask_to_replace(title, str(error))
            else:
                self._ask_name(title, str(error))
        except WizardError as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            self.notify(f"Saved as {path}.", markup=False)

    def _ask_to_replace(self, title: str, message: str) -> None:
        from screens.dialogs.menu import Menu

        options = {"": "Choose another name", "replace": "Replace it"}
        self.push_screen(Menu(message, options), partial(self._chose_to_replace, title))

    def _chose_to_replace(self, title: str, chosen: str | None) -> None:
        if chosen == "replace":
            self._save_template(title, replace=True)
        elif chosen is not None:
            self._ask_name(title)

    # --- another one, after one was created

    def action_again_same(self) -> None:
        """Begin another assistant from the same answers."""
        self.action_duplicate()

    def action_again_template(self) -> None:
        """Begin another assistant from the template that this one began with."""
        if template := self.session.draft.based_on:
            self.start_from(template)
