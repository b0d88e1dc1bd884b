"""A page on fields of the draft: follows answers, shows help, and advice when typing pauses."""

from abc import abstractmethod
from asyncio import sleep, to_thread

from textual import work
from textual.events import DescendantBlur

from screens.form.row import row_of
from screens.messages import DraftChanged
from screens.widgets.component_styles import FIELD_COMPONENTS
from screens.widgets.page_frame import Page
from wizard.advice import advise
from wizard.draft.draft import Draft

# The pause after which advice is shown, in seconds.
_PAUSE_SECONDS = 0.4


class DraftPage(Page[None]):
    """Shows the draft with `update_from`, and advice on it with `advise` after a pause."""

    COMPONENT_CLASSES = FIELD_COMPONENTS

    _draft: Draft

    @abstractmethod
    def advise(self, draft: Draft) -> None:
        """Show the advice on a draft."""

    @abstractmethod
    def update_from(self, draft: Draft) -> None:
        """Show the draft everywhere on the page."""

    def _follow(self) -> None:
        """Show the changed draft, and save it."""
        self.post_message(DraftChanged())
        self.update_from(self._draft)

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """Write what was typed in short in full when its field is left."""
        row = row_of(event.widget)
        if row and self._draft.complete(row.path):
            self._follow()

    @work(exclusive=True, group="advice")
    async def advise_soon(self) -> None:
        """Show advice after a pause, which begins again at each change."""
        await sleep(_PAUSE_SECONDS)
        draft = self._draft
        payload = draft.compose()
        if not draft.is_advised:
            # With 1,000 actions it takes a tenth of a second.
            columns = draft.columns
            found = await to_thread(lambda: tuple(advise(payload, columns=columns)))
            draft.set_advice(payload, found)
        # If the draft changed during the search, the next pause starts another.
        if payload is draft.compose():
            self.advise(draft)
