"""The actions that work everywhere: the palette and `keys.toml` read this one list."""

from typing import Final, NamedTuple


class Command(NamedTuple):
    """An action of the app, with its words.

    `anywhere` says that it needs no open draft.
    """

    action: str
    label: str
    about: str
    anywhere: bool = False


COMMANDS: Final = (
    Command("preview", "Preview and submit", "Review the payload and send it"),
    Command("rehearse", "Rehearse the call", "Talk to the assistant before it exists"),
    Command("steps", "Steps", "Go to another step"),
    Command("payload", "Live payload", "Show or hide it"),
    Command("view", "Switch payload view", "Everything, your answers, or changes"),
    Command("hidden_fields", "Hidden fields", "Show them in grey, with the reason"),
    Command("all_fields", "Show all fields", "With the advanced ones; remembered"),
    Command("essential_fields", "Show essential fields", "Fold the others; remembered"),
    Command("play_voice", "Play the voice", "Play or stop its sample"),
    Command("voice_by_hand", "Enter a voice by hand", "Its ID, name, accent and model"),
    Command("editor", "Editor", "The text in focus over the whole screen"),
    Command("external_editor", "External editor", "The text in focus in $VISUAL or $EDITOR"),
    Command("blanks", "Fill in the blanks", "Variables of the texts that QCall does not fill"),
    Command("undo", "Undo", "Undo the last change"),
    Command("redo", "Redo", "Redo the undone change"),
    Command("duplicate", "Create a copy", "Work on a copy of this draft or assistant"),
    Command("compare", "Compare", "With another draft, a receipt or a template"),
    Command("template", "Change the template", "Your own answers stay"),
    Command("save_template", "Save as a template", "Save this draft as a template of yours"),
    Command("write", "Save to a file", "The current payload as JSON"),
    Command("drafts", "Start page", "Drafts, what was created, templates, files", anywhere=True),
    Command("assistants", "Assistants", "Open, change or copy one that exists", anywhere=True),
    Command("new", "New assistant", "Start another from scratch", anywhere=True),
    Command("open_file", "Open a file", "A payload, a curl command, a script", anywhere=True),
    Command("imported", "What was imported", "Used, kept, left out and corrected", anywhere=True),
    Command("keys", "Keys", "All keys that work here, with their ids", anywhere=True),
    Command("change_keys", "Change keys", "Where keys.toml is, and the ids", anywhere=True),
    Command("messages", "Messages", "All messages since the start", anywhere=True),
    Command("signs", "What the signs mean", "In steps, fields and the payload", anywhere=True),
    Command("receipts", "Receipts", "Requests that were sent, and their outcomes", anywhere=True),
    Command("key", "API key", "Use the API instead of the sandbox", anywhere=True),
    Command("model", "Model of rehearsals", "Its address, its name and its key", anywhere=True),
    Command("clear_sandbox", "Clear the sandbox", "Delete what it created", anywhere=True),
    Command("quit", "Quit", "Your answers are saved", anywhere=True),
)
