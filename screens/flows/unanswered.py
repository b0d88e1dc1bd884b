"""Reports what became of the attempts whose program ended before the answer."""

from asyncio import to_thread
from contextlib import suppress

from screens.flows.flow_app import FlowApp
from wizard.errors import WizardError


def report_unanswered(app: FlowApp) -> None:
    """Look the attempts up in the background, in place of a look-up that is not over."""
    app.run_worker(_report_unanswered(app), group="answers", exclusive=True)


async def _report_unanswered(app: FlowApp) -> None:
    with suppress(WizardError):
        # There is usually none, and then the modules for sending are not needed.
        if await to_thread(app.session.store.has_unanswered):
            from screens.flows.receipts import look_up_unanswered  # noqa: PLC0415 - see above

            await look_up_unanswered(app)
