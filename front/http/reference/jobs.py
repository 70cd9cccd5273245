"""Jobs: how they are doing, what they found, their end."""

from http import HTTPStatus

from common import errors
from common.ports import ImageFormat
from front.http.event_stream import CONTENT_TYPE as EVENT_STREAM
from front.http.handlers.events import EventsHandler
from front.http.handlers.images import DEFAULT_WIDTH, MAX_WIDTH, MIN_WIDTH, PageImageHandler
from front.http.handlers.jobs import CancelHandler, JobHandler
from front.http.handlers.listing import DEFAULT_LIMIT, MAX_LIMIT, ListingHandler
from front.http.reference.operation import UUID, Answer, Events, Operation, Parameter, query
from front.http.reference.shapes.job_shapes import EndNewsShape, JobListShape, JobShape, PageNewsShape

_JOB = Answer(HTTPStatus.OK, "The job.", {"application/json": JobShape})
_EVENTS = Events({"page": PageNewsShape, **dict.fromkeys(("done", "failed", "canceled"), EndNewsShape)})
_PICTURE = {"type": "string", "format": "binary"}

OPERATIONS = (
    Operation(
        ListingHandler,
        "get",
        "/api/v1/ocr/",
        name="listJobs",
        summary="The account's jobs",
        description="Newest first, in parts that follow each other by `cursor`.",
        parameters=(
            query(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
            ),
            query("cursor", {"type": "string"}, "`next_cursor` of the part before."),
        ),
        answers=(Answer(HTTPStatus.OK, "A part of the list.", {"application/json": JobListShape}),),
        raises=(errors.InvalidField,),
    ),
    Operation(
        JobHandler,
        "get",
        "/api/v1/ocr/{uuid}/",
        name="getJob",
        summary="How a job is doing, and what it found",
        description="Asking every 2 s is never too often.",
        parameters=(
            UUID,
            query("detail", {"type": "string", "enum": ["words", ""]}, "With the blocks' lines and words."),
        ),
        answers=(_JOB,),
        raises=(errors.InvalidField, errors.NotFound),
    ),
    Operation(
        JobHandler,
        "delete",
        "/api/v1/ocr/{uuid}/",
        name="deleteJob",
        summary="Delete a job with all that belongs to it",
        parameters=(UUID,),
        answers=(Answer(HTTPStatus.NO_CONTENT, "It is gone."),),
        raises=(errors.NotFound,),
    ),
    Operation(
        CancelHandler,
        "post",
        "/api/v1/ocr/{uuid}/cancel/",
        name="cancelJob",
        summary="Cancel a job",
        description="Pages that were not read are not charged.",
        parameters=(UUID,),
        answers=(_JOB,),
        raises=(errors.NotFound, errors.JobAlreadyFinished),
    ),
    Operation(
        EventsHandler,
        "get",
        "/api/v1/ocr/{uuid}/events/",
        name="followJob",
        summary="Server-sent events of a job",
        description=(
            "One event `page` for each page, and at the end one that is called like the job's status. "
            "Comments are signs of life."
        ),
        parameters=(
            UUID,
            Parameter(
                "Last-Event-ID", "header", {"type": "string"}, "The `id` of the last event that was seen."
            ),
        ),
        answers=(
            Answer(HTTPStatus.OK, "The events, as they happen.", {EVENT_STREAM: _EVENTS}),
            Answer(HTTPStatus.NO_CONTENT, "All has been told: do not ask again."),
        ),
        raises=(errors.NotFound, errors.TooManyStreams),
    ),
    Operation(
        PageImageHandler,
        "get",
        "/api/v1/ocr/{uuid}/pages/{index}/image/",
        name="getPageImage",
        summary="A page of the file as a picture",
        parameters=(
            UUID,
            Parameter(
                "index", "path", {"type": "integer", "minimum": 0}, "As in the job, from 0.", required=True
            ),
            query(
                "width",
                {"type": "integer", "minimum": MIN_WIDTH, "maximum": MAX_WIDTH, "default": DEFAULT_WIDTH},
                "In pixels.",
            ),
            query(
                "format",
                {
                    "type": "string",
                    "enum": [kind.value for kind in ImageFormat],
                    "default": ImageFormat.PNG.value,
                },
            ),
        ),
        answers=(Answer(HTTPStatus.OK, "The picture.", {f"image/{kind}": _PICTURE for kind in ImageFormat}),),
        raises=(errors.InvalidField, errors.NotFound, errors.PageNotShown),
    ),
)
