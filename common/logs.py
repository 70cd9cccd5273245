"""Structured logs: one JSON object a line on standard error, a name and fields.

No token, document text or file content is ever a field.
"""

import logging
import sys

import structlog
from structlog.typing import FilteringBoundLogger, Processor


def configure(level: str, process: str) -> None:
    """Set up logging for this process; ``level`` is a name such as INFO."""
    logging.basicConfig(level=level, stream=sys.stderr, format="%(message)s", force=True)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: list[Processor] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
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


def get(name: str) -> FilteringBoundLogger:
    """A logger whose lines carry ``name`` as the field ``component``."""
    logger: FilteringBoundLogger = structlog.get_logger(component=name)
    return logger
