"""A second try for pages that died: which may have one, and the job that it is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from common.contracts.tasks import Death
from common.domain.job import Job
from common.domain.job_parts import JobStatus, PageStatus, new_pages
from common.errors import NotRedrivable, Poisoned


def check_redrivable(job: Job | None, index: int, now: datetime, *, translates: bool) -> Job:
    """The job whose page, or the translation of it, died for good. Raises NotRedrivable, with the reason."""
    if job is None or not job.status.is_shown or job.is_expired(now):
        raise NotRedrivable("Its job is gone, and the file with it.")
    if job.status is JobStatus.CANCELED:
        raise NotRedrivable("Its job was canceled.")
    if not 0 <= index < job.page_count:
        raise NotRedrivable("Its job has no such page.")
    if (job.untranslated if translates else job.failures).get(index) == Poisoned.code:
        return job
    if PageStatus(job.pages[index]).is_settled:
        raise NotRedrivable("The page has another end by now: see its job.")
    raise NotRedrivable("Its job does not know yet that the page died: try again in a minute.")


def redriven(
    job: Job,
    deaths: Mapping[int, tuple[Death, ...]],
    *,
    translates: bool,
    id: str,
    ticket: str,
    now: datetime,
) -> Job:
    """The draft of a job over the same file that has just these pages of ``job``, at the same price.

    A page whose translation died was read and paid: only the translation is paid now. What a page died of
    before goes with it. A partner is told of it as an answer to the same request.
    """
    indexes = sorted(deaths)
    earlier = {place: (*job.deaths.get(index, ()), *deaths[index]) for place, index in enumerate(indexes)}
    return Job(
        id=id,
        account_id=job.account_id,
        ticket=ticket,
        source=replace(job.source, key=f"{id}/source"),
        correspondence=job.correspondence,
        request=job.request,
        source_pages=tuple(job.source_pages[index] for index in indexes),
        lane=job.lane,
        pages=new_pages(len(indexes)),
        created_at=now,
        retention=job.retention,
        goes_once_fetched=job.goes_once_fetched,
        credits_per_page=0 if translates else job.credits_per_page,
        credits_per_translation=job.credits_per_translation,
        deaths=earlier,
        status=JobStatus.DRAFT,
    )
