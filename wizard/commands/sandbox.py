"""The command `sandbox`."""

import click

from wizard.commands.click_extensions import Command, LazyChoice
from wizard.commands.options import CommonOptions, common_options


def _faults() -> dict[str, str]:
    from wizard.sandbox.sandbox_app import Fault

    return {fault.value: fault.about for fault in Fault}


@click.command(cls=Command)
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=0,
    help="Listen on port N; the default, 0, picks a free one.",
)
@click.option(
    "--fault",
    metavar="KIND",
    type=LazyChoice("KIND", _faults),
    help="Simulate a failure for each request that creates or updates an assistant.",
)
@click.option("--envelope", is_flag=True, help="Answer in the API's envelope.")
@click.option(
    "--app-form", "app_form", is_flag=True, help="Start with assistants in the form of QCall's app."
)
@common_options
def sandbox(
    _: CommonOptions, *, port: int, fault: str | None, envelope: bool, app_form: bool
) -> int:
    """\b
    Examples:
      qcall-wizard sandbox --port 8700
      qcall-wizard sandbox --port 8700 --fault slow
      qcall-wizard sandbox --port 8700 --app-form
      qcall-wizard --base-url http://127.0.0.1:8700/api/v1

    Serves a simulated API on this machine until Ctrl+C. It validates requests, keeps the created
    assistants until it stops, and accepts any key. The address is printed.
    """
    from wizard.contract.validation import find_errors
    from wizard.sandbox.app_form_examples import add_app_form_examples
    from wizard.sandbox.sandbox_app import Fault, build, serve
    from wizard.sandbox.sandbox_store import MemoryStore

    store, chosen = MemoryStore(), Fault(fault) if fault else None
    if app_form:
        add_app_form_examples(store)
    serve(build(find_errors, store=store, fault=chosen, envelope=envelope), port)
    return 0
