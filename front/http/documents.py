"""What the API says of itself, as it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Documents:
    """``openapi`` and ``asyncapi`` are JSON, ``pages`` HTML by their address; ``assets`` are the files that
    those pages load, by name.
    """

    openapi: bytes
    asyncapi: bytes
    pages: Mapping[str, bytes]
    assets: Mapping[str, Path]
