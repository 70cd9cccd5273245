"""What the operator's command is told by its environment, beyond what a front is."""

import re

from pydantic import Field, field_validator

from front.settings import FrontSettings

_ADDRESS = re.compile(r"amqps?://[^/@\s]+/?")


class AdminSettings(FrontSettings):
    """``amqp_management_url`` has the login of an administrator of the broker. ``amqp_public_url`` is where
    partners reach it, ``amqps://host:port``; without it, they do where AMQP_URL says.
    """

    amqp_management_url: str | None = Field(None, repr=False)
    amqp_public_url: str | None = None

    @field_validator("amqp_public_url")
    @classmethod
    def _is_where_partners_connect(cls, url: str | None) -> str | None:
        if url and not _ADDRESS.fullmatch(url):
            raise ValueError("write it as amqps://host:5671, or amqp://host:5672, without a user")
        return url
