"""The command line: the options of the wizard itself, and the names of the commands."""

import click

from wizard.commands.click_extensions import LazyGroup
from wizard.commands.options import FILE, CommonOptions, common_options, refuse_list_options
from wizard.commands.value_completion import complete_draft, complete_receipt, complete_template

# The commands in the order of the help: the module in `wizard.commands` that declares each, and
# its one-line help. The help of the whole program imports none of them.
_COMMANDS = {
    "new": ("new", "Create a payload from answers, without questions."),
    "validate": ("validate", "Validate payloads."),
    "submit": ("submit", "Create assistants from payloads."),
    "assistants": ("assistants", "List, print and save the assistants of the account."),
    "update": ("update", "Change existing assistants."),
    "export": ("export", "Print a payload in another format."),
    "rehearse": ("rehearse", "Rehearse the call against a language model."),
    "diff": ("diff", "Compare two payloads."),
    "schema": ("reference", "Print the JSON Schema of a payload."),
    "fields": ("reference", "List every field of a payload."),
    "advice": ("reference", "List the codes of advice."),
    "templates": ("templates", "List the starter templates."),
    "voices": ("voices", "List the voices of the server."),
    "drafts": ("drafts", "List, print, delete and restore drafts."),
    "receipts": ("receipts", "List and print receipts."),
    "sandbox": ("sandbox", "Serve the sandbox on 127.0.0.1."),
    "serve": ("serve", "Open the wizard in a browser."),
    "drift": ("drift", "Compare a newer API document with this program."),
    "doctor": ("doctor", "Check terminal, folders, key and network."),
    "completion": ("completion", "Print a script for shell completion."),
    "help": ("help", "Print the help of a command."),
}


@click.group(
    "qcall-wizard",
    cls=LazyGroup,
    lazy=_COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--from",
    "payload",
    metavar="FILE",
    type=FILE,
    help="Start with the answers in FILE: a payload as JSON or YAML, a response of the API, a curl"
    " command, or a script (.txt, .md); - is standard input.",
)
@click.option(
    "--template",
    metavar="NAME",
    shell_complete=complete_template,
    help="Start with a template: a name that `templates` lists, or a .yaml file.",
)
@click.option(
    "--draft",
    metavar="ID",
    shell_complete=complete_draft,
    help="Continue a draft that `drafts` lists.",
)
@click.option(
    "--receipt",
    metavar="ID",
    shell_complete=complete_receipt,
    help="Start with the payload of a receipt that `receipts` lists.",
)
@click.option(
    "--assistant",
    metavar="ID",
    help="Open an assistant that `assistants` lists, to change it.",
)
@click.option(
    "--plain",
    is_flag=True,
    help="Ask in lines of plain text: for screen readers, dumb terminals and pipes.",
)
@common_options
def qcall_wizard(
    options: CommonOptions,
    *,
    payload: str | None,
    template: str | None,
    draft: str | None,
    receipt: str | None,
    assistant: str | None,
    plain: bool,
) -> int:
    """\b
    Examples:
      qcall-wizard                       create an assistant, step by step
      qcall-wizard --from payload.json   start with the answers in a file
      qcall-wizard --template win-back   start with a template
      qcall-wizard --draft 4f1c          continue a draft
      qcall-wizard --assistant 9f2c41    change an assistant that exists
      qcall-wizard --sandbox             try it without creating anything real
      qcall-wizard --plain               the same questions, as lines of text
      qcall-wizard validate *.json       validate payloads without the screens

    Creates and changes QCall.ai voice assistants: asks for the settings, shows the request, and
    sends it.
    Without QCALL_API_KEY in the environment it uses the sandbox inside the program.

    For shell completion, see: qcall-wizard completion --help

    \b
    Exit codes:
        0  done
        1  a payload is invalid, or something asked for does not exist
        2  the command line is wrong
        3  the API refused
        4  the outcome is unknown: the assistant may have been created or changed
        5  nothing was sent or nothing was created
       70  an error in the program itself; what was typed is saved
      130  interrupted
    """
    context = click.get_current_context()
    sources = {"--from": payload, "--template": template, "--draft": draft, "--receipt": receipt}
    sources["--assistant"] = assistant
    given = {option: value is not None for option, value in sources.items()}
    if context.invoked_subcommand is not None:
        refuse_list_options(context, given | {"--plain": plain}, "opens the wizard")
        from wizard.commands.interruption import stop_on_signals

        stop_on_signals()
        return 0
    if sum(given.values()) > 1:
        names = " and ".join(option for option, is_given in given.items() if is_given)
        raise click.UsageError(f"{names} cannot be combined: use one of them.", context)
    from wizard.commands import launch

    return launch.open_wizard(
        options.settings(),
        payload=payload,
        template=template,
        draft=draft,
        receipt=receipt,
        assistant=assistant,
        plain=plain,
        log=options.log,
    )
