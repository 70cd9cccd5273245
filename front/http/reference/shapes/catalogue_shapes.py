"""What there is to choose from, and how the server is. The views stand in the handlers."""

from typing import Literal

from pydantic import Field

from common.contracts.tasks import Tier
from front.http.reference.shapes.shape import Shape


class LanguageShape(Shape):
    code: str
    iso639_1: str | None
    iso639_3: str | None
    model: str | None
    name: str
    script: str | None
    script_name: str | None
    direction: Literal["ltr", "rtl", "ttb"] | None
    aliases: list[str]
    reliable: bool


class LanguageListShape(Shape):
    languages: list[LanguageShape]


class ToolShape(Shape):
    slug: str
    tier: Tier
    available: bool = Field(description="False where it takes a model and the server has none.")
    description: str
    download: str = Field(description="The format that its users come for.")


class ToolListShape(Shape):
    tools: list[ToolShape]


class LiveShape(Shape):
    live: Literal[True]


class ReadyShape(Shape):
    ready: Literal[True]
