"""The help on screens and lists: what each is for, and how it is used, by the name of its class."""

from typing import Final, NamedTuple, Protocol, runtime_checkable


class PageHelp(NamedTuple):
    """The title of a screen or a list, and its help."""

    title: str
    text: str


@runtime_checkable
class HasRowHelp(Protocol):
    """A list or a row with help on the row that has the cursor or the focus."""

    def row_help(self) -> PageHelp | None:
        """The help on the row, without that on the list; None if there is no row."""


GENERAL: Final = (
    "Tab and Shift+Tab move between fields. Enter chooses and goes to the next field. Ctrl+N goes "
    "to the next step, Esc to the previous one. F2 lists the steps, F8 shows the payload, F3 "
    "switches its view, F7 rehearses the call, F9 opens the preview. Ctrl+G shows hidden fields. "
    "Ctrl+P finds everything else. Ctrl+Q quits. Your answers are always saved."
)

PAGES: Final = {
    "WelcomeScreen": PageHelp(
        "Start page",
        "Choose how to begin: go on with a draft, start from a template or from scratch, open a "
        "file, or open an assistant that exists. Type to search the list. The arrow keys move in "
        "it, and Enter opens the entry. The text beside the list says what an entry is. Ctrl+R "
        "reads the assistants again. Ctrl+P finds every command, Ctrl+Q quits.",
    ),
    "AssistantsScreen": PageHelp(
        "Assistants",
        "Lists the assistants of the account. Type a part of a name, a company, a type, a language "
        "or an ID to search. The arrow keys move in the list, and Enter opens the assistant to "
        "change or to copy it. Ctrl+R reads the list again. Esc goes back.",
    ),
    "ConflictScreen": PageHelp(
        "Changes on both sides",
        "The assistant was changed at QCall after you opened it, so nothing was sent. For each "
        "field that both sides changed, ← takes your value and → the one at QCall. Other changes "
        "at QCall stay. Ctrl+S sends the result. Esc goes back, and nothing is sent.",
    ),
    "RestoreScreen": PageHelp(
        "Put the old one back",
        "Shows what putting back the assistant as it was before the update changes. Y or Ctrl+S "
        "sends it once. Esc goes back, and nothing is sent.",
    ),
    "VoicePicker": PageHelp(
        "Voices",
        "Choose the voice that speaks in calls. Type a part of a name, an accent or a gender to "
        "search. The arrow keys move in the list, and Enter chooses the voice. The buttons "
        "beside the search choose a language, a gender and a family. A voice fills in its accent, "
        "ID, name, gender and AI model.",
    ),
    "ActionList": PageHelp(
        "Actions",
        "Lists what the assistant can do: schedule a meeting, send a message. The button Add adds "
        "an action. The arrow keys move in the list, and Enter opens the form of an action. The "
        "other buttons copy, move and remove the action at the cursor.",
    ),
    "PlaceholderRows": PageHelp(
        "Placeholders",
        "Each row is a placeholder of the template: say in a few words what the assistant fills "
        "in. The button shows all of them as JSON, and the rows again.",
    ),
    "ActionScreen": PageHelp(
        "Action",
        "The form of one action. What you type is saved at once. Done, or Esc, closes the form, "
        "Cancel undoes all changes since it was opened. The last button shows the fields that do "
        "not apply now.",
    ),
    "Palette": PageHelp(
        "Palette",
        "Finds every field, step, draft, template and command. Type some letters of its name. The "
        "arrow keys move in the list, Enter goes to the entry, Esc closes the list.",
    ),
    "Menu": PageHelp(
        "List",
        "Choose one entry. The arrow keys move in the list, Enter chooses, Esc closes it without "
        "a choice. A long list has a search: type a part of the entry.",
    ),
    "PayloadPane": PageHelp(
        "Live payload",
        "Shows the request as it would be sent now. Enter or a click on a line goes to its field. "
        "F3 switches between the whole payload, what you set, and what changed. F8 hides it.",
    ),
    "PreviewScreen": PageHelp(
        "Preview",
        "Shows what will be sent: errors, advice and all values; of an assistant that exists first "
        "what changes. Enter on a line goes to its field. F7 rehearses the call. Ctrl+S submits "
        "and asks first. Esc goes back to the fields.",
    ),
    "RehearsalScreen": PageHelp(
        "Rehearsal",
        "A call with your assistant before it exists: a model speaks as the assistant, and you "
        "type what the caller says. Nothing is sent to QCall, and no message is sent. With F5 "
        "the model speaks as the caller, with F8 on both sides until the call ends. Esc stops it, "
        "then leaves. F6 changes the script, and Ctrl+R plays the caller's lines again beside the "
        "answers before. F2 lists the rest: nobody answers, hang up, the prompt, save as scenario.",
    ),
    "CallPromptScreen": PageHelp(
        "The prompt",
        "Everything that the model is told before the call, with the values of the variables. It "
        "can be selected and copied. Esc goes back to the call.",
    ),
    "ModelScreen": PageHelp(
        "Model of rehearsals",
        "Enter the address of an OpenAI-compatible server, mostly ending in /v1, and a key if the "
        "server needs one. Ctrl+T tries it, and the arrow down lists its models. The key is kept "
        "in memory, or in the system keyring if you store it there.",
    ),
    "EditorScreen": PageHelp(
        "Editor",
        "Edits one text over the whole screen. Everything you type is saved. Esc goes back to the "
        "field.",
    ),
    "OutcomeScreen": PageHelp(
        "Outcome",
        "Shows what became of the request, and what you can do next. Tab moves between the "
        "buttons, Enter presses one.",
    ),
    "CompareScreen": PageHelp(
        "Compare",
        "Shows what differs between this draft and another version. The arrow keys scroll, Esc "
        "goes back to the answers.",
    ),
    "PromptScreen": PageHelp(
        "A question",
        "Type the answer. Enter accepts it. Esc closes the question and changes nothing.",
    ),
    "ConfirmScreen": PageHelp(
        "Create or update the assistant",
        "Y, or Enter on the first button, sends the request once. Esc goes back to the review, and "
        "nothing is sent.",
    ),
    "BlanksScreen": PageHelp(
        "Fill in blanks",
        "Each row is a variable that QCall does not fill. What you type replaces it in all texts "
        "at once. Enter goes to the next blank, Esc is Done, and Cancel takes all of it back.",
    ),
    "KeyScreen": PageHelp(
        "API key",
        "The key is sent to one server in one header, and is written nowhere unless you store it "
        "in the system keyring.",
    ),
}
