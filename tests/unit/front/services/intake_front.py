"""A front that takes a partner's messages in, over stores and a broker in memory."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from common.contracts import topology
from common.contracts.job_events import JobAnnounced, JobRejected
from common.contracts.submit import SubmitMessage
from front.services import intake as intakes
from tests.fakes.samples import recognized
from tests.fakes.stores import FakeAccountRepository
from tests.unit.front.services.fleet import ACCOUNT, PLENTY, Replica

USER = "partner.demo"
FILE = SubmitMessage(
    body=b"%PDF-1.7 of some pages",
    user_id=USER,
    message_id="r-1",
    correlation_id="order 7",
    content_type="application/pdf",
    headers={"language": "de", "filename": "Rechnung.pdf"},
)


@dataclass
class FakeRequest:
    message: SubmitMessage
    is_lost: bool = False
    settlement: str | None = None

    async def ack(self) -> None:
        self.settlement = "acked"

    def release_body(self) -> None:
        self.message = replace(self.message, body=b"")


@dataclass
class Front:
    fleet: Replica

    @property
    def accounts(self) -> FakeAccountRepository:
        return self.fleet.accounts

    @property
    def charged(self) -> int:
        return PLENTY - self.fleet.credits.balances[ACCOUNT.id]

    async def take(self, message: SubmitMessage) -> FakeRequest:
        request = FakeRequest(message)
        await self.fleet.intake.take(request, ACCOUNT.id)
        return request

    def told(
        self, kind: type[JobAnnounced] | type[JobRejected], exchange: str = topology.RESULTS
    ) -> list[str]:
        return [one.routing_key for one in self.fleet.publisher.sent(kind) if one.exchange == exchange]

    @property
    def rejections(self) -> list[JobRejected]:
        sent = self.fleet.publisher.sent(JobRejected)
        return [one.message for one in sent if isinstance(one.message, JobRejected)]

    @property
    def last(self) -> JobAnnounced:
        message = self.fleet.publisher.sent(JobAnnounced)[-1].message
        assert isinstance(message, JobAnnounced)
        return message

    async def finish(self) -> None:
        """Every job's pages are read."""
        for job in list(self.fleet.jobs.jobs.values()):
            events = [
                recognized(index).model_copy(update={"job_id": job.id, "ticket": job.ticket})
                for index in range(job.page_count)
            ]
            await self.fleet.track(events)


def new_front(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Front:
    """One that does not pause before it tries again."""
    monkeypatch.setattr(intakes, "FIRST_PAUSE_S", 0.0)
    monkeypatch.setattr(intakes, "LONGEST_PAUSE_S", 0.0)
    return Front(Replica(spool_dir=folder / "spool"))
