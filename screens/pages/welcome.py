"""The start page: drafts, what was created, templates, and the other ways to begin."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from screens import preload
from screens.pages.assistant_options import list_option, trouble_option
from screens.pages.start_option import StartOption, detail, matching, start_option
from screens.widgets.inputs import LineInput, pictured, pictured_lines
from screens.widgets.notifications import end_messages
from screens.widgets.page_frame import Page
from wizard.contract.steps import STEPS
from wizard.errors import WizardError
from wizard.formats.text import capitalized
from wizard.settings import Target
from wizard.storage.session import Session, ago
from wizard.storage.store import KEPT_DAYS, CreatedLine, DraftLine

if TYPE_CHECKING:
    from screens.pages.assistant_cache import AssistantCache
    from wizard.draft.draft import Draft
    from wizard.templates.template import Template

_WORDMARK = """\
▄▀▀▀▄  ▄▀▀▀▀  ▄▀▀▀▄  █      █
█  ▄█  █      █▀▀▀█  █      █
 ▀▀▀▀   ▀▀▀▀  ▀   ▀  ▀▀▀▀▀  ▀▀▀▀▀"""

# The most drafts, or created assistants, that are listed at once; the search finds the others.
_LISTED = 5
_FOUND = 50
# Drafts that are read before the first paint; if there are more, all are read after it.
_AT_ONCE = 100
# The most characters of a script in the detail pane.
_FIRST_WORDS = 900


class WelcomeScreen(Page[None]):
    """A list of options with a search field, and details of the one under the cursor.

    `is_lowest` is whether no draft is open below it.
    """

    # The app has its styles.
    CSS_PATH = None

    names_draft = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear_search", "Clear", id="welcome.clear"),
        Binding("escape", "back", "Back", id="welcome.back"),
        Binding("f2", "rename", "Rename", id="welcome.rename"),
        Binding("f5", "copy", "Copy", id="welcome.copy"),
        Binding("ctrl+z", "restore", "Undo", id="welcome.undo", priority=True),
        Binding("ctrl+r", "reread", "Read again", show=False, id="welcome.reread"),
    ]

    @dataclass
    class Chosen(Message):
        """An option was chosen."""

        page: WelcomeScreen
        option: StartOption

    class CurrentDeleted(Message):
        """The draft that was open under the page was deleted."""

    def __init__(
        self,
        session: Session,
        target: Target,
        account: AssistantCache | None = None,
        *,
        is_lowest: bool,
    ) -> None:
        super().__init__()
        self._is_lowest = is_lowest
        # Keys wait from the choice on until what was chosen has the focus.
        self.is_opening = False
        self._session = session
        self._target = target
        self._listed: dict[str, StartOption] = {}
        self._shown: list[str] = []
        self._drafts: list[StartOption] = []
        self._created: list[StartOption] = []
        self._templates: list[StartOption] = []
        self._account = account
        self._assistants: list[StartOption] = []
        self._knows_assistants = account is None
        self._knows_drafts = False
        self._most: int | None = _AT_ONCE
        # Whether Enter was pressed before what is searched for was read.
        self._chooses_late = False

    def contents(self) -> ComposeResult:
        """Wordmark, list with search field, details."""
        with Horizontal(id="greeting"):
            yield Static(_WORDMARK, id="wordmark", markup=False)
            yield Static(f"\nA voice assistant\nin {len(STEPS)} steps.", id="tagline", markup=False)
        with Horizontal(id="start-page"):
            with Vertical(id="start-list"):
                hint = "type to search, or choose below"
                yield _Search(placeholder=hint, compact=True, id="start-search")
                yield _StartOptions(markup=False)
                with Horizontal(id="start-buttons"):
                    yield Button("Rename", id="rename", compact=True)
                    yield Button("Copy", id="copy", compact=True)
                    yield Button("Delete", id="delete", compact=True)
                    yield Button("Undo", id="restore", compact=True)
            with VerticalScroll(id="look", can_focus=False):
                yield Static(id="look-text", markup=False)

    def on_mount(self) -> None:
        """List the drafts at once; templates are read after the first paint."""
        self._read_lists()
        self._show()
        self.query_one("#start-search").focus()
        self.call_after_refresh(self.set_timer, preload.PAINT_SECONDS, self._read_templates)
        if len(self._drafts) >= _AT_ONCE:
            self.call_after_refresh(self.set_timer, preload.PAINT_SECONDS, self._read_drafts)

    def on_unmount(self) -> None:
        """Release the lists: the frozen first screen would keep them to the end."""
        self._listed, self._drafts, self._created, self._templates = {}, [], [], []
        self._assistants = []

    # --- options

    @work(exit_on_error=False)
    async def _read_templates(self) -> None:
        from wizard.templates.library import all_templates

        found = await to_thread(lambda: all_templates(self._session.home))
        # The modules for drafts are loaded now, so the progress of each can be shown.
        self._knows_drafts = True
        self._templates = [_template_option(template) for template in found.templates]
        self._show()
        if self._chooses_late:
            self.action_choose()
        for error in found.refused:
            self.notify(str(error), severity="warning", title="A template")
        self._read_assistants()

    @work(exit_on_error=False, group="drafts")
    async def _read_drafts(self) -> None:
        self._most = None
        await to_thread(self._read_lists)
        self._show()

    @work(exit_on_error=False, group="assistants", exclusive=True)
    async def _read_assistants(self, *, again: bool = False) -> None:
        """List the assistants of the account below all else, so that nothing moves."""
        if self._account is None:
            return
        if again:
            self._account.forget()
        options, before = await self._account.options(), self._assistants
        self._assistants = [*map(trouble_option, filter(None, [self._account.trouble])), *options]
        self._knows_assistants = True
        if self._assistants or before:
            self._show()
        if self._chooses_late:
            self.action_choose()
        if again:
            count = "1 assistant was" if len(options) == 1 else f"{len(options):,} assistants were"
            self.notify(self._account.trouble or f"{count} read.")

    def action_reread(self) -> None:
        """Read the assistants of the account again."""
        self._read_assistants(again=True)

    def _read_lists(self) -> None:
        """Read the drafts and what was created; a draft is in one of the two lists."""
        now, created = self._session.store.clock(), self._session.created()
        sent = {line.draft for line in created}
        lines = [line for line in self._session.drafts(self._most) if line.id not in sent]
        self._drafts = [_draft_option(line, now, self._draft_detail) for line in lines]
        self._created = [_created_option(line, now) for line in created]

    def _start_options(self) -> Iterator[StartOption]:
        """The options besides drafts and templates."""
        words = "new empty assistant blank"
        yield start_option("new", "", "Start from scratch", "", _new_detail, words=words)
        if self._account and not self._target.is_sandbox:
            yield list_option(self._account.place)
        words = "payload json yaml import file curl script"
        yield start_option("open", "", "Open a file …", "", _file_detail, words=words)
        if self._target.is_sandbox:
            words = "api key live sandbox target"
            yield start_option("key", "", "Enter an API key …", "", _key_detail, words=words)

    def _groups(self, search: str) -> Iterator[tuple[str, list[StartOption]]]:
        """The headings, each with its matching options."""
        yield _limited("Continue", matching(self._drafts, search), search)
        yield "Start", matching(list(self._start_options()), search)
        yield _limited("Created", matching(self._created, search), search)
        yield "Templates", matching(self._templates, search)
        if self._account:
            heading = capitalized(self._account.place)
            yield _limited(heading, matching(self._assistants, search), search)

    def _show(self, at: str = "") -> None:
        """List the matches; the cursor stays on its option if that is still listed.

        `at` is the option for the cursor. What comes late is added below, so that nothing moves.
        """
        listed = self.query_one(_StartOptions)
        here = at or (self._at.id if self._at else "")
        shown, options = self._options()
        known = len(self._shown)
        if known and shown[:known] == self._shown:
            listed.add_options(options[known:])
            self.on_option_list_option_highlighted()  # more may be known of it now
        else:
            place = listed.scroll_offset.y
            listed.set_options(options)
            listed.scroll_to(y=place, animate=False, force=True)
        self._shown = shown
        if self._listed:
            here = here if here in self._listed else next(iter(self._listed))
            listed.highlighted = listed.get_option_index(here)
        else:
            self._show_detail(Content("No matches. Press Esc to clear the search."))
        self._show_buttons()

    def _options(self) -> tuple[list[str], list[Option]]:
        """The lines of the list, and the texts by which they are compared with those before."""
        self._listed = {}
        shown: list[str] = []
        options: list[Option] = []
        has_room = not self.has_class("-low")
        for heading, found in self._groups(self.query_one("#start-search", Input).value):
            if found:
                options.append(_heading(heading, apart=bool(options) and has_room))
                options += [Option(_line(option), id=option.id) for option in found]
                shown += [heading, *(f"{each.id} {each.title} {each.beside}" for each in found)]
                self._listed |= {option.id: option for option in found}
        return shown, options

    def _show_buttons(self) -> None:
        """Show what can be done with the option under the cursor."""
        draft = self._at.draft if self._at else ""
        for name in ("rename", "copy", "delete"):
            self.query_one(f"#{name}", Button).display = bool(draft)
        self.query_one("#restore", Button).display = self._session.can_restore
        self.refresh_bindings()

    @property
    def _at(self) -> StartOption | None:
        """The option under the cursor."""
        option = self.query_one(_StartOptions).highlighted_option
        return self._listed.get(option.id or "") if option else None

    # --- keys and mouse

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list, and go to the first that is found."""
        event.stop()
        self._chooses_late = False
        self.query_one(_StartOptions).highlighted = None
        self._show()

    def on_option_list_option_highlighted(self) -> None:
        """Show the option under the cursor."""
        if option := self._at:
            self._show_detail(option.look(option))
        self._show_buttons()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose the clicked option."""
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Choose the option under the cursor."""
        option = self._at
        if option and option.kind == "reread":
            self.action_reread()
        elif option:
            self.is_opening = True
            self.post_message(self.Chosen(self, option))
        else:
            self._chooses_late = not (self._knows_drafts and self._knows_assistants)

    def action_move(self, how: str) -> None:
        """Move the cursor; the focus stays in the search field."""
        listed = self.query_one(_StartOptions)
        getattr(listed, f"action_{how}")()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the option under the cursor allows."""
        if action in ("rename", "copy"):
            return bool(self.is_mounted and self._at and self._at.draft)
        if action == "restore":
            return self._session.can_restore
        if action == "clear_search":
            return self.is_mounted and bool(self.query_one("#start-search", Input).value)
        return action != "back" or not self._is_lowest

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Run the action of a button; the search keeps the focus."""
        event.stop()
        self.query_one("#start-search").focus()
        if event.button.id == "delete":
            self._delete()
        else:
            await self.run_action(str(event.button.id))

    def action_rename(self) -> None:
        """Ask for another name of the draft."""
        from screens.dialogs.prompt import PromptScreen

        if (option := self._at) and option.draft:
            about = (
                "Its name in lists; the assistant's name stays. Leave it empty to use that name."
            )
            prompt = PromptScreen("Rename the draft", about, option.title)
            self.app.push_screen(prompt, partial(self._rename, option))

    def _rename(self, option: StartOption, title: str | None) -> None:
        if title is not None:
            self._change(lambda: self._session.rename(option.draft, title), at=option.id)

    def action_copy(self) -> None:
        """Store a copy of the draft, and go to it."""
        if (option := self._at) and option.draft:
            copied: list[str] = []
            if self._change(lambda: copied.append(self._session.copy(option.draft))):
                self._show(at=f"draft {copied[0]}")
                self.notify(f"This is a copy of {pictured(option.title)}.")

    def action_delete(self) -> None:
        """Delete the draft, or in the middle of the search the next character."""
        search = self.query_one("#start-search", Input)
        if search.cursor_position < len(search.value):
            search.action_delete_right()
        else:
            self._delete()

    def _delete(self) -> None:
        option = self._at
        if option is None or not option.draft:
            return
        is_current = self._session.is_current(option.draft)
        if self._change(lambda: self._session.delete(option.draft)):
            self.notify(
                f"Deleted. Ctrl+Z restores it; qcall-wizard drafts does for {KEPT_DAYS} days.",
                title=pictured(option.title),
            )
            if is_current:
                self.post_message(self.CurrentDeleted())

    def action_restore(self) -> None:
        """Restore the draft that was deleted last."""
        restored: list[str] = []
        if self._change(lambda: restored.append(self._session.restore_last())):
            self._show(at=f"draft {restored[0]}")

    def _change(self, change: Callable[[], object], at: str = "") -> bool:
        """Change a draft and list them again; report an error, and return whether it worked.

        Without `at` the cursor goes to what takes the place of its option.
        """
        names = [*self._listed]
        place = names.index(self._at.id) if self._at else 0
        try:
            change()
        except WizardError as error:
            self.notify(f"{error}.", severity="error")
            return False
        end_messages(self.app)
        self._read_lists()
        self._options()
        following = [name for name in names[place:] if name in self._listed]
        self._show(at or next(iter(following), ""))
        return True

    def action_clear_search(self) -> None:
        """Clear the search."""
        self.query_one("#start-search", Input).value = ""

    async def action_back(self) -> None:
        """Go back to the steps."""
        await self.app.run_action("leave_welcome")

    def _show_detail(self, detail: Content) -> None:
        look = self.query_one("#look", VerticalScroll)
        look.query_one("#look-text", Static).update(detail)
        look.scroll_home(animate=False)

    def _draft_detail(self, option: StartOption) -> Content:
        """Return the progress of a draft, and the beginning of its texts."""
        about = detail(option.title, option.beside, "Press Enter to continue where you left off.")
        if not self._knows_drafts:
            return about
        try:
            draft = self._session.store.load(option.name)
        except WizardError as error:
            return about + Content(f"\n\n{pictured(str(error))}").stylize("$text-error")
        return about + Content("\n\n") + _progress(draft) + _words(draft.shown)


class _Search(LineInput):
    """The search field; the keys that a list has move the cursor in the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.choose", "Choose", id="welcome.choose"),
        Binding("down", "screen.move('cursor_down')", "Move", key_display="↑↓", id="welcome.down"),
        Binding("up", "screen.move('cursor_up')", show=False, id="welcome.up"),
        Binding("pagedown", "screen.move('page_down')", show=False, id="welcome.pagedown"),
        Binding("pageup", "screen.move('page_up')", show=False, id="welcome.pageup"),
        Binding("delete", "screen.delete", show=False, id="welcome.delete"),
    ]


class _StartOptions(OptionList, can_focus=False):
    """The list; the keys reach it through the search field, and the mouse directly."""


def _limited(heading: str, found: list[StartOption], search: str) -> tuple[str, list[StartOption]]:
    """The first options of a long list, and their heading with the number of the others."""
    most = _FOUND if search else _LISTED
    more = len(found) - most
    return heading + (f" · {more} more: search for them" if more > 0 else ""), found[:most]


def _heading(text: str, *, apart: bool) -> Option:
    above = "\n" if apart else ""
    return Option(Content(above + text).stylize("$text-muted"), disabled=True)


def _line(option: StartOption) -> Content:
    line = Content(f"  {pictured(option.title)}")
    return line + Content(f"  {option.beside}").stylize("$text-muted") if option.beside else line


def _draft_option(
    line: DraftLine, now: datetime, look: Callable[[StartOption], Content]
) -> StartOption:
    what = "Changes" if line.is_update else line.step.label
    beside = f"{what} · {ago(line.updated, now)}"
    return start_option("draft", line.id, line.name, beside, look, words="draft", draft=line.id)


def _created_option(line: CreatedLine, now: datetime) -> StartOption:
    beside = f"Created {ago(line.sent, now)}"
    words = f"receipt {line.assistant_id} {Target(line.target).name}"
    look = partial(_created_detail, line)
    return start_option(
        "created", line.receipt, line.name, beside, look, words=words, draft=line.draft
    )


def _created_detail(line: CreatedLine, option: StartOption) -> Content:
    named = f"Its id is {line.assistant_id}." if line.assistant_id else "Its id is not known."
    more = "its answers" if line.draft else "a copy of its answers"
    return detail(
        option.title,
        f"{option.beside} {Target(line.target).place}",
        f"{named} Press Enter to copy the id, and to open {more}.",
    )


def _template_option(template: Template) -> StartOption:
    beside = template.type + (" · your own" if template.own else "")
    words = f"{template.name} {template.about}"
    look = partial(_template_detail, template)
    return start_option("template", template.name, template.title, beside, look, words=words)


def _template_detail(template: Template, option: StartOption) -> Content:
    from wizard.contract.choices import LANGUAGES

    count = len(template.openings)
    spoken = f"{count} languages" if count > 1 else LANGUAGES.get(template.language, "")
    about = detail(template.title, f"{option.beside} · {spoken}", template.about)
    return about + _words(template.answers_in(template.language))


def _words(answers: dict[str, object]) -> Content:
    """Return the opening line and the beginning of the script."""
    content = Content("")
    for heading, name in (("Opening line", "start_speech"), ("Script", "script")):
        text = answers.get(name)
        if isinstance(text, str) and text.strip():
            shown = pictured_lines(text.strip()[:_FIRST_WORDS])
            content += Content(f"\n\n{heading}\n").stylize("$text-muted") + Content(shown)
    return content


def _progress(draft: Draft) -> Content:
    """A line for each step with its state."""
    from screens.widgets.signs import STEP_SIGNS

    lines = []
    for step in STEPS:
        state = draft.state(step)
        lines.append(Content(f"{STEP_SIGNS[state]} {step.label}").stylize(_TONES[state.name]))
    return Content("\n").join(lines)


_TONES = {
    "DONE": "$text-success",
    "WRONG": "$text-error",
    "OPEN": "$text-warning",
    "UNTOUCHED": "$text-muted",
}


def _new_detail(_: StartOption) -> Content:
    about = detail(
        "Start from scratch",
        "",
        f"{len(STEPS)} steps. Most fields have a default that works for most assistants. Nothing "
        "is sent until you have reviewed and confirmed it.",
    )
    for number, step in enumerate(STEPS, 1):
        about += Content(f"\n\n{number}  {step.label}").stylize("bold")
        about += Content(f"\n{step.about}").stylize("$text-muted")
    return about


def _file_detail(_: StartOption) -> Content:
    return detail(
        "Open a file",
        "",
        "A payload as JSON or YAML, a response of the API, a curl command, or a script as .txt or "
        ".md. It becomes a new draft; the file is never changed.",
    )


def _key_detail(_: StartOption) -> Content:
    return detail(
        "Enter an API key",
        "",
        "Without a key everything happens in the sandbox inside this program, where nothing is "
        "real. With a key, assistants are created at QCall, after a confirmation.",
    )
