"""What went wrong. The view: front.http.problem."""

from pydantic import Field

from front.http.reference.shapes.shape import Count, Instant, Shape, sometimes


class ProblemShape(Shape):
    """RFC 9457. Some members come with some codes alone."""

    type: str = Field(json_schema_extra={"format": "uri"})
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    error: str = Field(description="A short message, the same as `detail`.")
    code: str = Field(description="Stable, for programs.")
    request_id: str
    field: str = sometimes(description="Of a value that is not allowed.")
    used: Count = sometimes(description="Credits.")
    cap: Count = sometimes(description="Credits.")
    resets_at: Instant = sometimes()
    balance: Count = sometimes(description="Credits.")
    needed: Count = sometimes(description="Credits.")
