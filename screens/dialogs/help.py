"""Help on what has the focus: a field, a group of fields, or the screen and its lists."""

from collections.abc import Iterable, Sequence
from pathlib import Path as FilePath
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from screens.dialogs.page_help import GENERAL, PAGES, HasRowHelp, PageHelp
from screens.dialogs.report import ReportScreen
from screens.form.group_line import GroupLine
from screens.form.row import FixedRow, QuestionRow
from screens.keys.keymap import binding_ids
from screens.widgets.inputs import pictured, pictured_lines
from screens.widgets.page_frame import Dialog
from wizard.contract.assistant import QUESTIONS
from wizard.contract.fields import Question
from wizard.draft.draft import Draft
from wizard.draft.explain import does, explain, guide
from wizard.formats.paths import Path
from wizard.keys_file import FILE_NAME


class HelpScreen(Dialog[None]):
    """Opens over a screen; Esc and Enter close it, F1 again lists the keys of that screen.

    `path` is the field's place in the payload. Without a question, `page` is the help on the
    screen. `keys` are the keys that work there.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "dismiss", "Close", id="help.close", priority=True),
        Binding("f1,question_mark", "keys", "Keys", id="help.keys", priority=True),
    ]

    def __init__(
        self,
        question: Question | None = None,
        *,
        problem: str = "",
        path: Path = (),
        draft: Draft | None = None,
        page: PageHelp | None = None,
        keys: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._question = question
        self._problem = problem
        self._path = path
        self._draft = draft or Draft()
        self._page = page or PageHelp("Keys", GENERAL)
        self._keys = keys

    def contents(self) -> ComposeResult:
        """The help on the field, or on the screen."""
        with VerticalScroll(id="help") as frame:
            frame.border_subtitle = "Esc closes · F1 lists all keys"
            if self._question is None:
                yield Static(Content(self._page.title), classes="title")
                yield Static(Content(pictured_lines(self._page.text)), classes="help-does")
            else:
                yield from self._facts(self._question)

    def action_keys(self) -> None:
        """List the keys of the screen below, in place of the help."""
        self.app.switch_screen(KeysScreen(self._keys))

    def _facts(self, question: Question) -> ComposeResult:
        yield Static(Content(question.label), classes="title")
        yield Static(Content(does(question, self._path)), classes="help-does")
        if self._problem:
            yield Static(Content(pictured(f"✗ {self._problem}")), classes="wrong")
        yield from _facts_of(guide(question, self._path, self._draft))
        yield Static("For the API", classes="help-api")
        yield from _facts_of(explain(question, self._path, self._draft), kind="-small")


def _facts_of(facts: Iterable[tuple[str, str]], kind: str = "") -> ComposeResult:
    for heading, text in facts:
        with Horizontal(classes=f"fact {kind}"):
            yield Static(Content(heading), classes="fact-name")
            yield Static(Content(pictured(text)), classes="fact-text")


class KeysScreen(ReportScreen):
    """All keys that work on a screen, with the ids by which they are changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,question_mark", "dismiss(None)", "Close", show=False, id="keys.close"),
        Binding("r", "app.change_keys", "Change keys", id="keys.change"),
    ]

    def __init__(self, keys: Sequence[str]) -> None:
        how = "The last word of a line is the id of the key. Press r to see how to change keys."
        super().__init__("Keys that work here", [*keys, "", how])


def _words_of(name: str) -> str:
    """The last part of an id in words, for a key that is not in the footer."""
    return name.replace("_", " ").replace("page", "page ").capitalize()


def keys_here(screen: Screen[Any]) -> list[str]:
    """Return the keys that work on a screen now, those of the same words in a line, with ids."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for each in screen.active_bindings.values():
        binding = each.binding
        if each.enabled and (binding.description or binding.id):
            words = binding.description or _words_of(str(binding.id).rpartition(".")[2])
            key = screen.app.get_key_display(binding)
            keys, ids = found.setdefault(words, ([], []))
            # One of `←→` is shown for both.
            if all(key not in shown for shown in keys):
                keys.append(key)
            if binding.id and binding.id not in ids:
                ids.append(binding.id)
    # Keys without an id are those of the text in focus.
    lines = sorted(found.items(), key=lambda item: not item[1][1])
    return [
        f"{', '.join(keys):<12} {words:<20} {', '.join(ids)}".rstrip()
        for words, (keys, ids) in lines
    ]


def change_keys_lines(home: FilePath | None) -> list[str]:
    """Return how to change keys, and the ids of all keys."""
    place = home / FILE_NAME if home else FILE_NAME
    about = {name: words for name, words in binding_ids().items() if words}
    return [
        f"The file {place} changes keys. It is read when the wizard starts.",
        "Each line has the id of a key, and the new key or several of them:",
        '    wizard.next = "ctrl+j"',
        '    wizard.preview = "f9,ctrl+o"',
        "An id that is not in the file keeps its key. The ids are:",
        *(f"{name:<24} {words}" for name, words in sorted(about.items())),
    ]


def help_on(screen: Screen[Any], draft: Draft) -> HelpScreen:
    """The help on what has the focus: a field, a group, a row and its list, or the screen."""
    keys = keys_here(screen)
    of_row: PageHelp | None = None
    for above in (screen.focused or screen).ancestors_with_self:
        if isinstance(above, QuestionRow):
            return HelpScreen(
                above.question, problem=above.problem, path=above.path, draft=draft, keys=keys
            )
        if isinstance(above, FixedRow):
            return HelpScreen(above.question, path=above.path, draft=draft, keys=keys)
        if isinstance(above, GroupLine):
            return HelpScreen(page=_group_help(above), keys=keys)
        if isinstance(above, HasRowHelp):
            of_row = of_row or above.row_help()
        for kind in type(above).__mro__:
            if page := PAGES.get(kind.__name__):
                if of_row:
                    page = PageHelp(of_row.title, f"{of_row.text}\n\n{page.text}")
                return HelpScreen(page=page, keys=keys)
    return HelpScreen(keys=keys)


def _group_help(line: GroupLine) -> PageHelp:
    fields = [question for question in QUESTIONS if question.meta.group is line.group]
    labels = ", ".join(question.label for question in fields)
    return PageHelp(line.group, f"Advanced fields: {labels}. Press Enter to show them.")
