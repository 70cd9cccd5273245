"""What was found, as a file."""

from http import HTTPStatus
from typing import Any

from common import errors
from common.domain.export import FORMAT_OF_OPTION
from front.http.handlers.downloads import KINDS, DownloadHandler
from front.http.reference.operation import UUID, Answer, Operation, query
from front.http.reference.shapes.job_shapes import JobShape

_FLAG = {"type": "string", "enum": ["true", "false", ""], "default": "false"}
_WHAT = {"pdfa": "As PDF/A", "excel": "With the byte order mark by which Excel knows UTF-8"}
_FILE: dict[str, Any] = {"type": "string", "format": "binary"}

OPERATIONS = (
    Operation(
        DownloadHandler,
        "get",
        "/api/v1/ocr/{uuid}/download/",
        name="downloadResult",
        summary="The finished document as a file",
        description="The answer is held while the file is built.",
        parameters=(
            UUID,
            query("format", {"type": "string", "enum": list(KINDS)}, required=True),
            query("translated", _FLAG, "The translation, in txt, md, docx, csv or json."),
            *(
                query(option, _FLAG, f"{_WHAT[option]}; with `format={name}` alone.")
                for option, name in FORMAT_OF_OPTION.items()
            ),
        ),
        answers=(
            Answer(
                HTTPStatus.OK,
                "The file.",
                {kind.content_type: JobShape if name == "json" else _FILE for name, kind in KINDS.items()},
                headers=("Content-Disposition",),
            ),
        ),
        raises=(
            errors.InvalidField,
            errors.NotFound,
            errors.JobNotFinished,
            errors.JobHasNoResult,
            errors.ExportError,
            errors.FormatFailed,
            errors.ExportTimeout,
            errors.ExportTooLarge,
            errors.ExportDiskFull,
            errors.ExportCrashed,
            errors.TooManyDownloads,
            errors.ExportPending,
            errors.BrokerUnavailable,
        ),
    ),
)
