"""What every export repository must do, in memory or in a real database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest

from common.adapters.mongo_connection import connect, database
from common.adapters.mongo_exports import MongoExportRepository
from common.contracts.tasks import ExportFormat
from common.domain.export import Export, ExportRequest, TaskSent
from common.ports import ExportRepository
from tests.fakes.samples import JOB_ID, build_failed, export, exported
from tests.fakes.stores import FakeExportRepository

OTHER_JOB = "f" * 32


@pytest.fixture(params=["fake", "mongo"])
async def exports(request: pytest.FixtureRequest) -> AsyncIterator[ExportRepository]:
    if request.param == "fake":
        yield FakeExportRepository()
        return
    client = connect(request.getfixturevalue("mongo_url"), "contract-tests")
    jobs_database = database(client, f"contract_{uuid4().hex}")
    repository = MongoExportRepository(jobs_database)
    await repository.prepare()
    yield repository
    await client.drop_database(jobs_database.name)
    client.close()


@pytest.mark.parametrize(
    "stored",
    [
        export(),
        export(request=ExportRequest(ExportFormat.PDF, pdfa=True)).apply(exported("pdf-pdfa")),
        export(request=ExportRequest(ExportFormat.CSV, excel=True)).apply(build_failed()),
    ],
    ids=["due", "done", "failed"],
)
async def test_an_export_comes_back_as_it_went_in(exports: ExportRepository, stored: Export) -> None:
    assert await exports.add(stored)
    assert await exports.get(stored.job_id, stored.name) == stored


async def test_an_unknown_export_is_none(exports: ExportRepository) -> None:
    await exports.add(export())
    assert await exports.get(JOB_ID, "docx") is None
    assert await exports.get(OTHER_JOB, "pdf") is None


async def test_of_many_who_add_the_same_export_one_succeeds(exports: ExportRepository) -> None:
    tries = [export(ticket=str(number)) for number in range(8)]
    added = await asyncio.gather(*map(exports.add, tries))
    assert added.count(True) == 1
    assert await exports.get(JOB_ID, "pdf") == tries[added.index(True)]


async def test_of_two_who_read_the_same_version_one_saves(exports: ExportRepository) -> None:
    await exports.add(export())
    tries = [export().apply(exported(attempt=attempt)) for attempt in "abc"]
    saved = await asyncio.gather(*map(exports.save, tries))
    (winner,) = (one for one in saved if one is not None)
    assert winner == replace(tries[saved.index(winner)], version=1)
    assert await exports.get(JOB_ID, "pdf") == winner


async def test_an_export_that_is_gone_is_not_saved(exports: ExportRepository) -> None:
    assert await exports.save(export()) is None
    assert await exports.get(JOB_ID, "pdf") is None


async def test_discarding_takes_all_exports_of_one_job(exports: ExportRepository) -> None:
    for job_id in (JOB_ID, OTHER_JOB):
        for format in ExportFormat:
            await exports.add(export(format, job_id=job_id))
    await exports.discard(JOB_ID)
    await exports.discard(JOB_ID)
    for format in ExportFormat:
        assert await exports.get(JOB_ID, format) is None
        assert await exports.get(OTHER_JOB, format) is not None


async def test_those_that_are_due_or_sent_are_told(exports: ExportRepository) -> None:
    due, sent = export(), export(ExportFormat.DOCX).apply(TaskSent("ticket"))
    done, failed = export(ExportFormat.CSV).apply(exported("csv")), export(ExportFormat.ALTO)
    for one in (due, sent, done, failed.apply(build_failed())):
        await exports.add(one)
    assert sorted((one.name, one.status) for one in await exports.unsettled()) == [
        ("docx", "sent"),
        ("pdf", "due"),
    ]
