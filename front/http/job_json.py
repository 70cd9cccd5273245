"""A job's JSON object in chunks: its head, and what was found, straight from where that is stored.

The document of a large job is never held or parsed here: the head is put before its members.
"""

import codecs
from collections.abc import AsyncIterator
from dataclasses import replace

import orjson

from common.domain.job import Job
from common.domain.job_parts import JobStatus
from common.errors import Unavailable
from front.http.services import Jobs, Results
from front.services.job_view import job_head, job_summary

# Of a document that is read before its answer begins: more than short jobs have.
_BEGINNING_BYTES = 1024 * 1024


async def promised_json(job: Job, jobs: Jobs) -> tuple[Job, AsyncIterator[bytes]]:
    """A job that its client has just been promised, with its JSON object.

    Where what it found cannot be read now, that is no error: the job is told as one not finished yet.
    """
    chunks = job_json(job, jobs, with_words=False)
    try:
        beginning = await _beginning(chunks)
    except Unavailable:
        unfinished = replace(
            job, status=JobStatus.PROCESSING, document=None, finished_at=None, expires_at=None
        )
        return unfinished, job_json(unfinished, jobs, with_words=False)
    return job, _chained(beginning, chunks)


async def job_json(
    job: Job, jobs: Jobs, *, with_words: bool, translated: bool = False
) -> AsyncIterator[bytes]:
    """``translated``: the pages, the text and the Markdown are those of its translation."""
    if job.status is not JobStatus.DONE:
        yield orjson.dumps(job_summary(job))
        return
    reading = jobs.everything(job, translated=translated) if with_words else jobs.document(job)
    async with reading as found:
        yield orjson.dumps(job_head(job))[:-1] + b","
        async for chunk in _with_words(found) if with_words else _without_brace(found.document()):
            yield chunk


async def _without_brace(document: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The members of the stored object: all of it but the brace it opens with."""
    skipped = 1
    async for chunk in document:
        yield chunk[skipped:]
        skipped = 0


async def _with_words(found: Results) -> AsyncIterator[bytes]:
    before = b'"pages":['
    async for page in found.pages_with_words():
        yield before + page
        before = b","
    if before != b",":
        yield before
    yield b'],"text":"'
    async for chunk in _in_a_string(found.text()):
        yield chunk
    yield b'","markdown":"'
    async for chunk in _in_a_string(found.markdown(with_page_breaks=False)):
        yield chunk
    yield b'"'
    async for chunk in found.members():
        yield chunk


async def _in_a_string(text: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """UTF-8 text as the inside of a JSON string; a chunk may end amid a character."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    async for chunk in text:
        yield orjson.dumps(decoder.decode(chunk))[1:-1]


async def _beginning(chunks: AsyncIterator[bytes]) -> bytes:
    beginning = bytearray()
    async for chunk in chunks:
        beginning += chunk
        if len(beginning) >= _BEGINNING_BYTES:
            break
    return bytes(beginning)


async def _chained(beginning: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield beginning
    async for chunk in rest:
        yield chunk
