"""``/livez`` and ``/readyz``: for whoever restarts the process, and for whoever sends it requests."""

from common.errors import Unavailable
from front.http.api_handler import ApiHandler


class LiveHandler(ApiHandler):
    """Answers as long as the event loop turns."""

    needs_account = False
    is_counted = False
    is_traced = False

    async def get(self) -> None:
        self.write_json({"live": True})


class ReadyHandler(ApiHandler):
    """Answers an error while a part of the service is missing, and once the process is ending."""

    needs_account = False
    is_counted = False
    is_traced = False

    async def get(self) -> None:
        if self.surroundings.stopping.is_set():
            raise Unavailable("This server is being stopped: use another, or try again in a moment.")
        await self.services.health.check()
        self.write_json({"ready": True})


URLS = [(r"/livez/?", LiveHandler), (r"/readyz/?", ReadyHandler)]
