"""Where something of a document could be found on a stack, looked at from below."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import requests
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient

from tests.faults.node import Node
from tests.stack import Stack

# What the broker and the database keep on the disk of what they have deleted goes in their own time.
_THEIR_OWN = ("secantus/data", "rabbitmq/mnesia")
_CHUNKS = "fs.chunks"


class Remains:
    """Of one job; ``marks`` are words that were in its document, or went with it."""

    def __init__(self, stack: Stack, uuid: str, marks: Sequence[str]) -> None:
        self._stack = stack
        self._uuid = uuid
        self._marks = [mark.encode() for mark in marks]

    def collections_that_know_the_job(self) -> set[str]:
        return {name for name, raw in self._stored() if self._uuid.encode() in raw}

    def collections_with_marks(self) -> set[str]:
        return {name for name, raw in self._stored() if self._is_in(raw)}

    def files_that_know_the_job(self) -> list[str]:
        """But for logs, which name it."""
        mark = self._uuid.encode()
        files = [path for path in self._files() if path.parent.name != "log"]
        return [str(path) for path in files if self._uuid in path.name or mark in _content(path)]

    def files_with_marks(self) -> list[str]:
        return [str(path) for path in self._files() if self._is_in(_content(path))]

    def messages_with_marks(self) -> list[str]:
        letters = (letter["payload"] for letter in Node(self._stack).dead_letters())
        return [payload for payload in letters if self._is_in(payload.encode())]

    def metrics_with_marks(self) -> list[str]:
        told = [requests.get(url, timeout=10).text for url in self._metrics()]
        assert told
        return [text for text in told if self._is_in(text.encode()) or self._uuid in text]

    def _stored(self) -> Iterator[tuple[str, bytes]]:
        """Each document with its collection's name; of files' chunks, those of the job alone."""
        with MongoClient[Any](self._stack.mongo_url, document_class=RawBSONDocument) as mongo:
            for database in ("ocr_jobs", "ocr_blobs"):
                for name in mongo[database].list_collection_names():
                    of_job = {"files_id": {"$gte": f"{self._uuid}/", "$lt": f"{self._uuid}0"}}
                    for found in mongo[database][name].find(of_job if name == _CHUNKS else {}):
                        yield name, found.raw

    def _files(self) -> Iterator[Path]:
        temporary = Path(tempfile.gettempdir()).glob("ocr-fleet-*")
        for folder in (self._stack.state, *temporary):
            for path in folder.rglob("*"):
                relative = str(path.relative_to(folder))
                if path.is_file() and not relative.startswith(_THEIR_OWN):
                    yield path

    def _metrics(self) -> Iterator[str]:
        for process in self._stack.processes():
            port = process.ports.get(f"{process.name}-metrics")
            if port:
                yield f"http://127.0.0.1:{port}/metrics"

    def _is_in(self, content: bytes) -> bool:
        return any(mark in content for mark in self._marks)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # removed meanwhile
        return b""
