"""What can be done in a rehearsal, in the words of its list and of its buttons."""

from typing import Final

MENU: Final = {
    "begin": "New call",
    "caller_speaks": "Let the caller speak",
    "go_on": "Let both go on",
    "answer": "Have the assistant answer once more",
    "nobody_answers": "Nobody answers",
    "hang_up": "Hang up",
    "choose_caller": "Choose the caller",
    "replay": "Replay the caller's lines with the script as it is now",
    "prompt": "Show the prompt",
    "save": "Save as scenario",
    "app.editor": "Change the script",
    "app.external_editor": "Change the script in your own editor",
    "app.model": "Set up a model",
}
BUTTONS: Final = {
    "choose_caller": "Caller",
    "nobody_answers": "Nobody answers",
    "hang_up": "Hang up",
    "answer": "Retry",
    "prompt": "Prompt",
    "save": "Save as scenario",
    "app.model": "Model",
}
