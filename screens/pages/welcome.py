"""The start page: continue a draft, start from a template or from scratch, open a file."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from screens import preload
from screens.widgets.inputs import CalmInput, pictured
from screens.widgets.page_frame import Keys, Page, TooSmall, TopLine
from wizard.contract.steps import STEPS
from wizard.errors import WizardError
from wizard.settings import Target
from wizard.storage.session import Session, ago
from wizard.storage.store import DraftLine

if TYPE_CHECKING:
    from wizard.draft.draft import Draft
    from wizard.templates import Template

_WORDMARK = """\
▄▀▀▀▄  ▄▀▀▀▀  ▄▀▀▀▄  █      █
█  ▄█  █      █▀▀▀█  █      █
 ▀▀▀▀   ▀▀▀▀  ▀   ▀  ▀▀▀▀▀  ▀▀▀▀▀"""

# The most drafts that are listed at once; the search finds the others.
_LISTED = 5
_FOUND = 50
# Drafts that are read before the first paint; if there are more, all are read after it.
_AT_ONCE = 100
_TITLES = {info.step: info.title for info in STEPS}
# The most characters of a script in the detail pane.
_FIRST_WORDS = 900


class StartOption(NamedTuple):
    """One option. `what` is draft, template, new, open or key, `name` the draft's or template's.

    `sought` is the folded text that the search matches; `look` makes the detail pane.
    """

    what: str
    name: str
    title: str
    beside: str
    sought: str
    look: Callable[[StartOption], Content]

    @property
    def id(self) -> str:
        """The id of its line in the list."""
        return f"{self.what} {self.name}"


class WelcomeScreen(Page[None]):
    """A list of options with a search field, and details of the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Clear", id="welcome.back"),
    ]

    class Chosen(Message):
        """An option was chosen."""

        def __init__(self, option: StartOption) -> None:
            super().__init__()
            self.option = option

    def __init__(self, session: Session, target: Target) -> None:
        super().__init__()
        self._session = session
        self._target = target
        self._listed: dict[str, StartOption] = {}
        self._drafts: list[StartOption] = []
        self._templates: list[StartOption] = []
        self._knows_drafts = False

    def compose(self) -> ComposeResult:
        """Wordmark, list with search field, details."""
        yield TopLine()
        with Horizontal(id="greeting"):
            yield Static(_WORDMARK, id="wordmark", markup=False)
            yield Static("\nA voice assistant\nin six steps.", id="tagline", markup=False)
        with Horizontal(id="start-page"):
            with Vertical(id="start-list"):
                hint = "type to search, or choose below"
                yield _Search(placeholder=hint, compact=True, id="start-search")
                yield _StartOptions(markup=False)
            with VerticalScroll(id="look", can_focus=False):
                yield Static(id="look-text", markup=False)
        yield Keys()
        yield TooSmall()

    def on_mount(self) -> None:
        """List the drafts at once; templates are read after the first paint."""
        self._drafts = self._draft_options(_AT_ONCE)
        self._show()
        self.query_one("#start-search").focus()
        self.call_after_refresh(self.set_timer, preload.PAINT_SECONDS, self._read_templates)
        if len(self._drafts) >= _AT_ONCE:
            self.call_after_refresh(self.set_timer, preload.PAINT_SECONDS, self._read_drafts)

    def on_unmount(self) -> None:
        """Release the lists: the frozen first screen would keep them to the end."""
        self._listed, self._drafts, self._templates = {}, [], []

    # --- options

    @work(exit_on_error=False)
    async def _read_templates(self) -> None:
        from wizard.templates import all_templates

        found = await to_thread(lambda: all_templates(self._session.home))
        # The modules for drafts are loaded now, so the progress of each can be shown.
        self._knows_drafts = True
        self._templates = [_template_option(template) for template in found.templates]
        self._show()
        for error in found.refused:
            self.notify(str(error), severity="warning", title="A template")

    @work(exit_on_error=False, group="drafts")
    async def _read_drafts(self) -> None:
        self._drafts = await to_thread(self._draft_options)
        self._show()

    def _draft_options(self, most: int | None = None) -> list[StartOption]:
        now, look = datetime.now(UTC), self._draft_detail
        return [_draft_option(line, now, look) for line in self._session.drafts(most)]

    def _start_options(self) -> Iterator[StartOption]:
        """The options besides drafts and templates."""
        words = "new empty assistant blank"
        yield _option("new", "", "Start from scratch", "", _new_detail, words=words)
        words = "payload json yaml import file curl script"
        yield _option("open", "", "Open a file …", "", _file_detail, words=words)
        if self._target.is_sandbox:
            words = "api key live sandbox target"
            yield _option("key", "", "Enter an API key …", "", _key_detail, words=words)

    def _groups(self, search: str) -> Iterator[tuple[str, list[StartOption]]]:
        """The headings, each with its matching options."""
        drafts = _found(self._drafts, search)
        most = _FOUND if search else _LISTED
        more = len(drafts) - most
        yield "Continue" + (f" · {more} more by search" if more > 0 else ""), drafts[:most]
        yield "Start", _found(self._start_options(), search)
        yield "Templates", _found(self._templates, search)

    def _show(self) -> None:
        """List the matches; the cursor stays on its option if that is still listed."""
        listed = self.query_one(_StartOptions)
        at = self._at
        self._listed = {}
        options: list[Option] = []
        for heading, found in self._groups(self.query_one("#start-search", Input).value):
            if found:
                options.append(_heading(heading, apart=bool(options) and self._has_room))
                options += [Option(_line(option), id=option.id) for option in found]
                self._listed |= {option.id: option for option in found}
        listed.set_options(options)
        if self._listed:
            here = at.id if at and at.id in self._listed else next(iter(self._listed))
            listed.highlighted = listed.get_option_index(here)
        else:
            self._show_detail(Content("No matches. Press Esc to clear the search."))

    @property
    def _has_room(self) -> bool:
        """Whether the headings have room for a blank line."""
        return not self.has_class("-low")

    @property
    def _at(self) -> StartOption | None:
        """The option under the cursor."""
        option = self.query_one(_StartOptions).highlighted_option
        return self._listed.get(option.id or "") if option else None

    # --- keys and mouse

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list, and go to the first that is found."""
        event.stop()
        self.query_one(_StartOptions).highlighted = None
        self._show()

    def on_option_list_option_highlighted(self) -> None:
        """Show the option under the cursor."""
        if option := self._at:
            self._show_detail(option.look(option))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose the clicked option."""
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Choose the option under the cursor."""
        if option := self._at:
            self.post_message(self.Chosen(option))

    def action_move(self, how: str) -> None:
        """Move the cursor; the focus stays in the search field."""
        listed = self.query_one(_StartOptions)
        getattr(listed, f"action_{how}")()

    async def action_back(self) -> None:
        """Clear the search; if it is empty, go back to the steps, if a draft is open."""
        search = self.query_one("#start-search", Input)
        if search.value:
            search.value = ""
        else:
            await self.app.run_action("leave_welcome")

    def _show_detail(self, detail: Content) -> None:
        look = self.query_one("#look", VerticalScroll)
        look.query_one("#look-text", Static).update(detail)
        look.scroll_home(animate=False)

    def _draft_detail(self, option: StartOption) -> Content:
        """Return the progress of a draft, and the beginning of its texts."""
        about = _about(option.title, option.beside, "Press Enter to continue where you left off.")
        if not self._knows_drafts:
            return about
        try:
            draft = self._session.store.load(option.name)
        except WizardError as error:
            return about + Content(f"\n\n{pictured(str(error))}").stylize("$text-error")
        return about + Content("\n\n") + _progress(draft) + _words(draft.answers)


class _Search(CalmInput):
    """The search field; the keys that a list has move the cursor in the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.choose", "Choose", id="welcome.choose"),
        Binding("down", "screen.move('cursor_down')", "Move", key_display="↑↓", id="welcome.down"),
        Binding("up", "screen.move('cursor_up')", show=False, id="welcome.up"),
        Binding("pagedown", "screen.move('page_down')", show=False, id="welcome.pagedown"),
        Binding("pageup", "screen.move('page_up')", show=False, id="welcome.pageup"),
    ]


class _StartOptions(OptionList, can_focus=False):
    """The list; the keys reach it through the search field, and the mouse directly."""


def _option(
    what: str,
    name: str,
    title: str,
    beside: str,
    look: Callable[[StartOption], Content],
    *,
    words: str,
) -> StartOption:
    """Make an option that is found by its title, its detail and some more words."""
    return StartOption(what, name, title, beside, f"{title} {beside} {words}".casefold(), look)


def _found(options: Iterable[StartOption], search: str) -> list[StartOption]:
    found = list(options)
    for word in search.casefold().split():
        found = [option for option in found if word in option.sought]
    return found


def _heading(text: str, *, apart: bool) -> Option:
    above = "\n" if apart else ""
    return Option(Content(above + text).stylize("$text-muted"), disabled=True)


def _line(option: StartOption) -> Content:
    line = Content(f"  {pictured(option.title)}")
    return line + Content(f"  {option.beside}").stylize("$text-muted") if option.beside else line


def _draft_option(
    line: DraftLine, now: datetime, look: Callable[[StartOption], Content]
) -> StartOption:
    beside = f"{_TITLES[line.step]} · {ago(line.updated, now)}"
    return _option("draft", line.id, line.name, beside, look, words="draft")


def _template_option(template: Template) -> StartOption:
    beside = template.type + (" · your own" if template.own else "")
    words = f"{template.name} {template.about}"
    look = partial(_template_detail, template)
    return _option("template", template.name, template.title, beside, look, words=words)


def _about(title: str, beside: str, text: str) -> Content:
    """A title, a line beside it, and a paragraph."""
    about = Content(pictured(title)).stylize("$text-accent bold")
    if beside:
        about += Content(f"\n{pictured(beside)}").stylize("$text-muted")
    return about + Content(f"\n\n{pictured(text)}") if text else about


def _template_detail(template: Template, option: StartOption) -> Content:
    from wizard.contract.choices import LANGUAGES

    count = len(template.openings)
    spoken = f"{count} languages" if count > 1 else LANGUAGES.get(template.language, "")
    about = _about(template.title, f"{option.beside} · {spoken}", template.about)
    return about + _words(template.answers_in(template.language))


def _words(answers: dict[str, object]) -> Content:
    """Return the opening line and the beginning of the script."""
    content = Content("")
    for heading, name in (("Opening line", "start_speech"), ("Script", "script")):
        text = answers.get(name)
        if isinstance(text, str) and text.strip():
            shown = "\n".join(map(pictured, text.strip()[:_FIRST_WORDS].split("\n")))
            content += Content(f"\n\n{heading}\n").stylize("$text-muted") + Content(shown)
    return content


def _progress(draft: Draft) -> Content:
    """A line for each step with its state."""
    from screens.widgets.signs import STEP_SIGNS

    lines = []
    for info in STEPS:
        state = draft.state(info.step)
        lines.append(Content(f"{STEP_SIGNS[state]} {info.title}").stylize(_TONES[state.name]))
    return Content("\n").join(lines)


_TONES = {
    "DONE": "$text-success",
    "WRONG": "$text-error",
    "OPEN": "$text-warning",
    "UNTOUCHED": "$text-muted",
}


def _new_detail(_: StartOption) -> Content:
    about = _about(
        "Start from scratch",
        "",
        "Six steps. Most fields have a default that works for most assistants. Nothing is sent "
        "until you have reviewed and confirmed it.",
    )
    for number, info in enumerate(STEPS, 1):
        about += Content(f"\n\n{number}  {info.title}").stylize("bold")
        about += Content(f"\n   {info.about}").stylize("$text-muted")
    return about


def _file_detail(_: StartOption) -> Content:
    return _about(
        "Open a file",
        "",
        "A payload as JSON or YAML, a response of the API, a curl command, or a script as .txt or "
        ".md. It becomes a new draft; the file is never changed.",
    )


def _key_detail(_: StartOption) -> Content:
    return _about(
        "Enter an API key",
        "",
        "Without a key everything happens in the sandbox inside this program, where nothing is "
        "real. With a key, assistants are created at QCall, after a confirmation.",
    )
