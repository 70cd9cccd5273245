"""The one way to change a stored conversation: read, decide, compare and set, again if somebody was first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from common.domain.conversation import Conversation, Event
from common.ports import ConversationRepository


@dataclass(frozen=True, slots=True)
class Applied:
    """The conversation as stored; ``is_news``: this call changed it, so what is outstanding is its to do."""

    conversation: Conversation
    is_news: bool


class ConversationUpdates:
    def __init__(self, conversations: ConversationRepository, now: Callable[[], datetime]) -> None:
        self._conversations = conversations
        self._now = now

    async def apply(self, conversation_id: str, event: Event) -> Applied | None:
        """The conversation as stored after ``event``; None when it is no longer there."""
        while (current := await self._conversations.get(conversation_id)) is not None:
            changed = current.apply(event, self._now())
            if changed is current:
                return Applied(current, is_news=False)
            saved = await self._conversations.save(changed)
            if saved is not None:
                return Applied(saved, is_news=True)
        return None
