"""The wizard as lines of text: the same questions, for screen readers, dumb terminals and pipes."""

from wizard.plain.conversation import Conversation
from wizard.plain.desk import Desk
from wizard.plain.talk import Ended, Misfit, Talk

__all__ = ["Conversation", "Desk", "Ended", "Misfit", "Talk"]
