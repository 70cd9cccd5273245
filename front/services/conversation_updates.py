"""The one way to change a stored conversation: read, decide, compare and set, again if somebody was first."""

from collections.abc import Callable
from datetime import datetime

from common.domain.conversation import Conversation, Event
from common.ports import ConversationRepository


class ConversationUpdates:
    def __init__(self, conversations: ConversationRepository, now: Callable[[], datetime]) -> None:
        self._conversations = conversations
        self._now = now

    async def apply(self, conversation_id: str, event: Event) -> Conversation | None:
        """The conversation as stored after ``event``; None when it is no longer there."""
        while (current := await self._conversations.get(conversation_id)) is not None:
            changed = current.apply(event, self._now())
            if changed is current:
                return current
            saved = await self._conversations.save(changed)
            if saved is not None:
                return saved
        return None
