"""A file comes in, a job goes out."""

from dataclasses import fields
from http import HTTPStatus
from typing import Any

from common import errors
from common.contracts.tasks import TextLayer, Tier
from common.domain.job_parts import EXPRESS_PAGES
from common.domain.tools import TOOLS
from front.http.handlers.submissions import SubmissionsHandler
from front.http.reference.operation import Answer, Operation, Parameter
from front.http.reference.shapes.job_shapes import JobShape
from front.services.forms import FILE_FIELD, SubmitForm
from front.services.idempotency import HEADER

FIELDS: dict[str, dict[str, Any]] = {
    "tier": {
        "type": "string",
        "enum": [tier.value for tier in Tier],
        "default": Tier.CPU.value,
        "description": "`cpu`: fast, printed documents. `vlm`: handwriting, complex layout, mathematics.",
    },
    "language": {
        "type": "string",
        "default": "auto",
        "description": "A code of `GET /api/v1/languages/`, or several with `+` or `,` between them.",
        "examples": ["en", "deu+eng"],
    },
    "tool": {
        "type": "string",
        "enum": list(TOOLS),
        "description": "A preset of `GET /api/v1/tools/`; explicit fields win over what it sets.",
    },
    "translate_to": {
        "type": "string",
        "description": "The text is then translated; required with the translating tools.",
        "examples": ["de"],
    },
    "pages": {
        "type": "string",
        "description": "Only these are read and charged.",
        "examples": ["1-3,7"],
    },
    "text_layer": {
        "type": "string",
        "enum": [choice.value for choice in TextLayer],
        "default": TextLayer.AUTO.value,
        "description": "`auto`: a page's own text where it can be trusted. `ignore`: always recognise.",
    },
    "schema": {
        "type": "string",
        "contentMediaType": "application/schema+json",
        "description": "JSON Schema by which values are drawn; takes `tier=vlm`.",
    },
    "max_cost": {
        "type": "string",
        "pattern": "^[0-9]{1,9}$",
        "description": "Credits; pages beyond are not read.",
    },
    "retention": {
        "type": "string",
        "pattern": "^[0-9]{1,9}$",
        "description": "Hours to keep the finished job, within the plan's bounds; 0: until it is fetched.",
    },
}

_FORM = {
    "type": "object",
    "required": [FILE_FIELD],
    "additionalProperties": False,
    "patternProperties": {
        "^_[A-Za-z0-9_]{1,40}$": {"type": "string", "description": "Yours: nobody looks at it."}
    },
    "properties": {
        FILE_FIELD: {
            "type": "string",
            "format": "binary",
            "description": "PNG, JPG, WEBP, GIF, BMP, TIFF, PNM or PDF, told by its bytes.",
        },
        **{field.name: FIELDS[field.name] for field in fields(SubmitForm)},
    },
}

OPERATIONS = (
    Operation(
        SubmissionsHandler,
        "post",
        "/api/v1/ocr/",
        name="submitFile",
        summary="Send a file",
        description=f"Up to {EXPRESS_PAGES} pages: answered when they are done, unless that takes too long.",
        parameters=(
            Parameter(
                HEADER,
                "header",
                {"type": "string", "pattern": "^[!-~]{1,255}$"},
                "The same key with the same file and fields gives the same job, charged once.",
            ),
        ),
        body={"multipart/form-data": _FORM},
        answers=(
            Answer(
                HTTPStatus.OK,
                "The job has ended: see its `status`.",
                {"application/json": JobShape},
                headers=("Location",),
            ),
            Answer(
                HTTPStatus.ACCEPTED,
                "The job is under way.",
                {"application/json": JobShape},
                headers=("Location",),
            ),
        ),
        raises=(
            errors.MissingFile,
            errors.EmptyFile,
            errors.UnsupportedType,
            errors.FileTooLarge,
            errors.TooManyPages,
            errors.CorruptFile,
            errors.EncryptedFile,
            errors.ImageTooLarge,
            errors.InvalidField,
            errors.UnknownField,
            errors.OutOfCredits,
            errors.PlanWithdrawn,
            errors.IdempotencyKeyInUse,
            errors.IdempotencyKeyReused,
            errors.TooManyJobs,
            errors.TooManyUploads,
            errors.EngineUnavailable,
            errors.BrokerUnavailable,
            errors.DiskUnavailable,
            errors.Overloaded,
        ),
    ),
)
