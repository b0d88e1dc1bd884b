"""The wizard as lines of text: the same questions, for screen readers, dumb terminals and pipes."""

from wizard.plain.console import Ended, Misfit, Talk
from wizard.plain.context import Desk
from wizard.plain.conversation import Conversation

__all__ = ["Conversation", "Desk", "Ended", "Misfit", "Talk"]
