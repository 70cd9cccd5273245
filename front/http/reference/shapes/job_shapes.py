"""A job, its pages, and what stands on them. The views: front.http.job_view, common.document.json_view."""

from typing import Annotated, Any, Literal

from pydantic import Field

from common.contracts.tasks import Tier
from common.document.page import Engine, Role
from common.domain.job_parts import JobStatus
from front.http.reference.shapes.shape import BBox, Count, Instant, Shape, Share, Uuid, sometimes

Status = Annotated[
    str, Field(json_schema_extra={"enum": [status.value for status in JobStatus if status.is_shown]})
]


class WordShape(Shape):
    text: str
    bbox: BBox
    confidence: Share
    engine: Engine = sometimes(description="Who read it, where that is another than the page's.")


class LineShape(Shape):
    text: str
    bbox: BBox
    confidence: Share | None
    words: list[WordShape]


class BlockShape(Shape):
    """In reading order."""

    text: str
    bbox: BBox
    confidence: Share | None
    role: Role
    level: Count = sometimes(description="Of a heading, 1 is the highest; of a list item, the outermost.")
    markdown: str = sometimes(description="What a model gave.")
    latex: str = sometimes(description="Of a formula, without dollar signs.")
    language: str = sometimes(description="BCP-47.")
    keeps_lines: bool = sometimes(description="Its lines end where they end on the page.")
    lines: list[LineShape] = sometimes(description="With `detail=words`.")


class CellShape(Shape):
    row: Count
    column: Count
    row_span: int = Field(ge=1)
    column_span: int = Field(ge=1)
    text: str
    bbox: BBox
    confidence: Share | None


class TableShape(Shape):
    bbox: BBox
    cells: list[CellShape]


class ModelUsageShape(Shape):
    """What a model took."""

    model: str
    input_tokens: Count
    output_tokens: Count
    cost_usd: float | None


class PageErrorShape(Shape):
    code: str
    message: str


class PageShape(Shape):
    """A page that could not be read has an `error`, and otherwise nothing on it."""

    index: Count = Field(description="Counts the job's pages from 0.")
    source_page: int = Field(ge=1, description="Counts the file's pages from 1.")
    width: Count | None
    height: Count | None
    rotation: int = Field(description="Degrees that were corrected for reading.")
    detected_languages: list[str]
    engine: Engine | None
    confidence: Share | None
    text: str
    markdown: str
    blocks: list[BlockShape]
    tables: list[TableShape]
    usage: ModelUsageShape | None
    error: PageErrorShape | None


class UnreadPageShape(Shape):
    index: Count
    code: str


class JobUsageShape(Shape):
    """What was read and charged; what a model took, where there was one."""

    pages: Count
    credits: Count
    model: str = sometimes()
    input_tokens: Count = sometimes()
    output_tokens: Count = sometimes()
    cost_usd: float | None = sometimes()


class TranslationShape(Shape):
    language: str | None
    text: str
    markdown: str
    failed_pages: list[UnreadPageShape]


class ValuePlaceShape(Shape):
    page: int = Field(ge=1)
    bbox: BBox
    text: str
    confidence: Share | None


class ExtractionErrorShape(Shape):
    pointer: str
    page: int = sometimes(ge=1)
    message: str


class ExtractionDetailsShape(Shape):
    """Where each value stands, by JSON Pointer, and in what the answer does not follow its schema."""

    places: dict[str, ValuePlaceShape]
    errors: list[ExtractionErrorShape]


class JobShape(Shape):
    """A job. Until its end `text` and `markdown` are null and `pages` is empty."""

    uuid: Uuid
    status: Status
    tier: Tier = Field(description="The one that is used.")
    language: str = Field(description="As it was asked for.")
    page_count: Count
    mean_confidence: Share | None
    detected_languages: list[str]
    tool: str | None
    translate_to: str | None
    filename: str
    pages_done: Count
    failed_pages: list[UnreadPageShape]
    usage: JobUsageShape
    error: str | None = Field(description="Why a failed job failed, in a sentence.")
    error_code: str | None
    created_at: Instant
    finished_at: Instant | None
    expires_at: Instant | None = Field(description="When it is deleted, with its file.")
    retention: Count = Field(description="Hours; 0: until it is fetched.")
    text: str | None = Field(description="Pages are separated by a form feed.")
    markdown: str | None
    pages: list[PageShape]
    translation: TranslationShape | None
    extraction: Any = Field(description="What was drawn by the schema of the job.")
    extraction_details: ExtractionDetailsShape | None


class PageNewsShape(Shape):
    """A page is settled."""

    index: Count
    status: Literal["read", "failed"]
    pages_done: Count
    page_count: Count
    code: str | None = Field(description="Why it failed.")


class EndNewsShape(Shape):
    """The job has ended: it can be fetched."""

    status: Status
    pages_done: Count
    page_count: Count
    code: str | None = Field(description="Why it failed.")


class JobListShape(Shape):
    """Newest first; the jobs without what was found in them."""

    jobs: list[JobShape]
    next_cursor: str | None = Field(description="Of the next part; null at the end.")
