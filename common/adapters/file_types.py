"""What kind of file some bytes are; names and claims of the sender are never asked."""

import re
from typing import Final

from common.contracts.tasks import MediaType

HEAD_BYTES: Final = 1024

_IMAGES: Final = (
    (MediaType.PNG, re.compile(rb"\x89PNG\r\n\x1a\n")),
    (MediaType.JPEG, re.compile(rb"\xff\xd8\xff")),
    (MediaType.WEBP, re.compile(rb"RIFF....WEBP", re.DOTALL)),
    (MediaType.GIF, re.compile(rb"GIF8[79]a")),
    (MediaType.BMP, re.compile(rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00", re.DOTALL)),
    (MediaType.TIFF, re.compile(rb"II[*+]\x00|MM\x00[*+]")),
    (MediaType.PNM, re.compile(rb"P[1-6][\s#]")),
)


def media_type(head: bytes) -> MediaType | None:
    """The kind of a file that starts with ``head`` (1,024 bytes are enough), or None for all others.

    A PDF's header may come after up to 1,023 other bytes, as viewers allow it.
    """
    for kind, signature in _IMAGES:
        if signature.match(head):
            return kind
    return MediaType.PDF if b"%PDF-" in head[:HEAD_BYTES] else None
