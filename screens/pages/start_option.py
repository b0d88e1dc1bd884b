"""One option of the start page, and the text beside the list that says what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from screens.widgets.inputs import pictured

if TYPE_CHECKING:
    from wizard.api.assistant_lines import AssistantLine


class StartOption(NamedTuple):
    """One option. `kind` is draft, created, template, assistant, assistants, reread, new, open
    or key; `name` is the draft's, the receipt's, the template's, or the number in the list.

    `sought` is the folded text that the search matches; `look` makes the detail pane. `draft` is
    the id of the draft that can be renamed, copied and deleted, or empty. `line` is the existing
    assistant.
    """

    kind: str
    name: str
    title: str
    beside: str
    sought: str
    look: Callable[[StartOption], Content]
    draft: str = ""
    line: AssistantLine | None = None

    @property
    def id(self) -> str:
        """The id of its line in the list."""
        return f"{self.kind} {self.name}"

    @property
    def is_existing(self) -> bool:
        """Whether it leads to an assistant that exists."""
        return self.kind in ("assistant", "assistants")


def start_option(
    kind: str,
    name: str,
    title: str,
    beside: str,
    look: Callable[[StartOption], Content],
    *,
    words: str,
    draft: str = "",
) -> StartOption:
    """Make an option that is found by its title, its detail and some more words."""
    sought = f"{title} {beside} {words}".casefold()
    return StartOption(kind, name, title, beside, sought, look, draft)


def detail(title: str, beside: str, text: str) -> Content:
    """A title, a line beside it, and a paragraph."""
    content = Content(pictured(title)).stylize("$text-accent bold")
    if beside:
        content += Content(f"\n{pictured(beside)}").stylize("$text-muted")
    return content + Content(f"\n\n{pictured(text)}") if text else content


def matching(options: list[StartOption], search: str) -> list[StartOption]:
    """The options that have all words of a search."""
    for word in search.casefold().split():
        options = [option for option in options if word in option.sought]
    return options
