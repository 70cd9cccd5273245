"""What may go once it is fetched: whoever asked has it when the answer was sent to its end."""

from common.domain.job import Job
from front.http.api_handler import ApiHandler


async def delivered(handler: ApiHandler, job: Job) -> None:
    """End the answer that holds what became of ``job``; one whose client went before does not count."""
    await handler.finish()
    if handler.request.method != "HEAD" and not handler.is_gone.is_set():
        await handler.services.fetching.fetched(job)
