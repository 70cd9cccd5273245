"""What the operator's command is told by its environment, beyond what a front is."""

from pydantic import Field

from front.settings import FrontSettings


class AdminSettings(FrontSettings):
    """``amqp_management_url`` has the login of an administrator of the broker. ``amqp_public_url`` is where
    partners reach it, ``amqps://host:port``; without it, they do where AMQP_URL says.
    """

    amqp_management_url: str | None = Field(None, repr=False)
    amqp_public_url: str | None = None
