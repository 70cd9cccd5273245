"""What every message is: an immutable fact with a type and a version in its name."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """Base of all messages; ``type`` goes into the AMQP property of that name. One that ``is_public`` is
    read by programs of others, too: it is never compressed.

    Fields that a reader does not know are ignored, so a field may be added within a version; a
    field that changes its meaning needs a new one.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]
    is_public: ClassVar[bool] = False
