"""Fills in the blanks of the draft's texts."""

from screens.dialogs.blanks import BlanksScreen
from screens.flows.flow_app import FlowApp
from screens.form.actions import ActionScreen
from wizard.draft.blanks import NO_BLANKS, blanks


async def fill_blanks(app: FlowApp) -> None:
    """Show the form of the blanks, if there are any."""
    found = blanks(app.draft)
    if not found:
        app.notify(NO_BLANKS)
        return
    await app.push_screen_wait(BlanksScreen(app.draft, found))
    app.session.changed()
    if isinstance(app.screen, ActionScreen):
        app.screen.update_from(app.draft)
