"""What all JSON objects of the API have in common."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


def sometimes(**options: Any) -> Any:
    """A member that is left out where there is nothing to tell; never null."""
    return Field(default=None, **options)


class Shape(BaseModel):
    """More members may come: clients ignore those that they do not know."""

    model_config = ConfigDict(frozen=True)


Uuid = Annotated[str, Field(pattern="^[0-9a-f]{32}$", examples=["9f2c1b7e4a0d4c6b8e5f3a2d1c0b9a87"])]
Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"}, description="UTC, RFC 3339.")]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
BBox = Annotated[
    list[float],
    Field(
        min_length=4,
        max_length=4,
        description="x0, y0, x1, y1 in pixels of the page as a viewer shows the file, origin top left.",
    ),
]
