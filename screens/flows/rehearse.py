"""Opens the rehearsal of the draft, and asks for its model."""

from functools import partial

from screens.dialogs.model_server import ModelScreen
from screens.flows.change_key import DELETED, STORED, change_keyring
from screens.flows.flow_app import FlowApp
from screens.rehearsal.open_call import CallOpener
from screens.rehearsal.rehearsal_screen import RehearsalScreen
from wizard.errors import WizardError
from wizard.settings import ModelServer


async def rehearse(app: FlowApp) -> None:
    """Show the rehearsal over what is shown."""
    if not app.has_steps:
        app.notify("Create or open an assistant first: there is no call yet.")
        return
    if any(isinstance(screen, RehearsalScreen) for screen in app.screen_stack):
        app.notify("The rehearsal is open already.")
        return
    app.draft.settle()
    app.session.changed()
    opener = CallOpener(app.model_settings, app.open_model)
    app.push_screen(RehearsalScreen(app.draft, app.session, opener))


async def change_model(app: FlowApp) -> None:
    """Ask for the model server, and use it."""
    settings = app.model_settings
    if app.is_web and not settings.is_fixed:
        app.notify("In a browser, QCALL_REHEARSAL_URL names the model. Set it before `serve`.")
        return
    server: ModelServer | None = None
    try:
        server = await settings.read()
        is_stored = bool(settings.stored_for)
    except WizardError as error:
        app.warn(str(error))
        is_stored = False
    screen = ModelScreen(server, app.open_model, is_fixed=settings.is_fixed, is_stored=is_stored)
    choice = await app.push_screen_wait(screen)
    if choice is None:
        return
    if choice.forgets:
        app.run_beside(change_keyring, settings.forget_key, *DELETED)
    if choice.server is None:
        return
    try:
        settings.use(choice.server)
    except WizardError as error:
        app.show_error(error)
    if choice.stores:
        # Not awaited: a keyring may ask the person something first.
        app.run_beside(change_keyring, partial(settings.store_key, choice.server), *STORED)
    if isinstance(app.screen, RehearsalScreen):
        app.screen.action_begin()
