"""Structured logs: one JSON object a line on standard error, a name and fields.

No token, document text or file content is ever a field. A token of ours that somebody sends where none
belongs, in a path say, is made unreadable.
"""

import json
import logging
import re
import sys
from typing import Any, Final

import structlog
from structlog.typing import FilteringBoundLogger, Processor

_TOKEN: Final = re.compile(r"ocr_[\w-]{40,}", re.ASCII)


def configure(level: str, process: str) -> None:
    """Set up logging for this process; ``level`` is a name such as INFO."""
    logging.basicConfig(level=level, stream=sys.stderr, format="%(message)s", force=True)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: list[Processor] = [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(_without_tokens),
    ]
    structlog.configure(
        processors=[*shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
    )
    for handler in logging.getLogger().handlers:
        handler.setFormatter(formatter)
    for noisy in (
        "aio_pika",
        "aiormq",
        "pymongo",
        "asyncio",
        "tornado.access",
        "anthropic",
        "httpx2",
        "httpcore2",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(process=process)


def _without_tokens(event: Any, **options: Any) -> str:
    return _TOKEN.sub("ocr_***", json.dumps(event, **options))


def get(name: str) -> FilteringBoundLogger:
    """A logger whose lines carry ``name`` as the field ``component``."""
    logger: FilteringBoundLogger = structlog.get_logger(component=name)
    return logger
