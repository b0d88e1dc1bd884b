"""The assistant's actions as lines of text: the list of them, and the questions of one."""

from typing import Any, Final

from wizard.contract.applicability import Asked, applying
from wizard.contract.choices import ACTION_TYPES
from wizard.contract.conditions import is_empty
from wizard.draft.action_list import add_action, rearrange
from wizard.draft.draft import ACTION_QUESTIONS, ACTIONS
from wizard.draft.placeholder_hints import hint_question, hints_at
from wizard.draft.review import action_words
from wizard.formats.paths import MISSING, Path
from wizard.plain import wording
from wizard.plain.asking import Asking, choose
from wizard.plain.conversation_state import Context
from wizard.plain.listing import Listing, index_of
from wizard.plain.navigation import BACK, NEXT, Navigation, Way

_ONE: Final = ("edit", "copy", "remove", "up", "down")
_HELP: Final = (
    "add: a new action; add 2 skips the question for its type.",
    "edit 1: the questions of action 1.",
    "copy 1: a copy behind action 1.",
    "remove 1: remove action 1; :undo restores it.",
    "up 2, down 1: move an action.",
)


class Actions:
    """The list of actions and its commands."""

    def __init__(self, context: Context, asked: Asked) -> None:
        self._context, self._console = context, context.console
        self._question = asked.question

    def ask(self) -> Navigation:
        """List the actions and run commands on them until the user continues."""
        self._console.say_apart(f"{self._question.label}.", self._question.meta.help)
        self._list()
        while True:
            self._context.draft.focus = ACTIONS
            line = self._context.read_line(f"{self._question.label}:")
            if isinstance(line, Navigation):
                return line
            if line.is_empty:
                if self._is_fit():
                    return NEXT
                continue
            if turn := self._do(line.text):
                return turn

    @property
    def _actions(self) -> list[Any]:
        given = self._context.draft.get(ACTIONS)
        return list(given) if isinstance(given, list) else []

    def _list(self) -> None:
        actions = self._actions
        if not actions:
            self._console.say("There are none yet. Type add to add one. An empty line continues.")
            return
        in_app = bool(self._context.draft.origin)
        for number, action in enumerate(actions, 1):
            words = wording.ended(action_words(action, in_app=in_app))
            self._console.say(f"{number} {words}", self._wrong(number - 1))
        self._console.say(
            "Type add, or edit, copy, remove, up or down with a number, as in edit 1. An empty "
            "line continues."
        )

    def _wrong(self, index: int) -> str:
        count = len(wording.problems_at(self._context.draft, (*ACTIONS, index)))
        return f"{count} to fix." if count else ""

    def _is_fit(self) -> bool:
        """Return whether the actions are valid; report their errors."""
        wrong = wording.problems_at(self._context.draft, ACTIONS)
        texts = [wording.sentence(self._question, ACTIONS, problem) for problem in wrong]
        if texts:
            advice = "Type edit and its number to fix it, or > to skip it."
            self._console.refuse("\n".join([*texts, advice]))
        return not wrong

    def _do(self, text: str) -> Navigation | None:
        """Run the command of a line; return a Navigation if the user leaves the actions."""
        what, _, rest = text.strip().casefold().partition(" ")
        if what == "?":
            self._console.say_all(
                (*wording.explained(self._context.draft, ACTIONS, self._question), *_HELP)
            )
        elif what == "add":
            return self._add(rest.strip())
        elif what == "-":
            self._context.answer(ACTIONS, [])
            self._list()
        elif what in _ONE and (index := index_of(rest, len(self._actions))) >= 0:
            return self._do_to_one(what, index)
        else:
            self._console.refuse(f"{text} is not a command here. Type ? for help.")
        return None

    def _add(self, number: str) -> Navigation | None:
        listing = Listing(ACTION_TYPES.items())
        kind: Any
        if index_of(number, len(ACTION_TYPES)) >= 0:
            kind = listing.pick(number)
        else:
            self._console.say("What should it do?")
            kind = choose(self._context, listing, "Action:")
        if isinstance(kind, Navigation):
            if kind != BACK:
                return kind
            self._list()
            return None
        index = add_action(self._context.draft, kind)
        self._context.keep()
        return self.edit(index, is_new=True)

    def _do_to_one(self, what: str, index: int) -> Navigation | None:
        if what == "edit":
            return self.edit(index)
        rearrange(self._context.draft, what, index)
        self._context.keep()
        self._list()
        return None

    # --- one action

    def edit(self, index: int, path: Path = (), *, is_new: bool = False) -> Navigation | None:
        """Ask the questions of one action, from the one at a path on; then list the actions again.

        Return a Navigation if the user leaves the actions.
        """
        at = (*ACTIONS, index)
        self._console.say_apart(f"Action {index + 1}.")
        heading = ""
        place = 1 if is_new else self._place(at, path)
        while 0 <= place < len(self._asked(at)):
            asked = self._asked(at)[place]
            if wording.heading_of(asked.path) != heading:
                heading = wording.heading_of(asked.path)
                self._console.say(f"\n{heading}." if heading else "")
            self._context.draft.focus = asked.path
            turn = Asking(self._context, asked).ask()
            if turn.way not in (Way.NEXT, Way.BACK):
                return turn
            place = self._place(at, asked.path) + (1 if turn.way is Way.NEXT else -1)
        self._console.say()
        self._list()
        return None

    def _asked(self, at: Path) -> list[Asked]:
        """The questions of an action, with one for each placeholder of a template."""
        draft, found = self._context.draft, list[Asked]()
        for one in applying(ACTION_QUESTIONS, draft.get(at), at):
            hints = list(hints_at(draft, one.path[:-1])) if one.question.meta.aligned else []
            has_text = not is_empty(draft.get((*one.path[:-1], "template_text")))
            if hints:
                found += (Asked(path, hint_question(each), MISSING) for path, each in hints)
            elif not (one.question.meta.as_json and has_text):
                found.append(one)
        return found

    def _place(self, at: Path, path: Path) -> int:
        """The index of the question at a path, or of the first inside it; 0 if it is not asked."""
        asked = [one.path for one in self._asked(at)]
        inside = (n for n, one in enumerate(asked) if path[: len(one)] == one[: len(path)])
        return next(inside, 0)
