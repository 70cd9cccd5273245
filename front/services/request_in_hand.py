"""A partner's message that is being seen to, with what was done for it already."""

import asyncio
import hashlib
from contextlib import ExitStack
from pathlib import Path

from common.domain.account import Account
from common.errors import DiskUnavailable
from common.ports import RequestDelivery
from front.services.forms import Upload
from front.services.spool import Spool

_WRITE_BYTES = 1024 * 1024


class RequestInHand:
    """It may have to wait for hours, so its body lies on the disk; and ``is_counted`` once among the
    account's requests, however often it is tried.
    """

    def __init__(self, delivery: RequestDelivery) -> None:
        self.delivery = delivery
        self.is_counted = False
        self._upload: Upload | None = None
        self._files = ExitStack()

    async def upload(self, spool: Spool, account: Account) -> Upload:
        """The body as a file without a name; it is gone once this is closed.

        Raises TooManyUploads, Overloaded and DiskUnavailable.
        """
        if self._upload is None:
            content = self.delivery.message.body
            path = await self._write(content, spool, account)
            sha256 = await asyncio.to_thread(_sha256, content)
            self._upload = Upload(path, "", len(content), sha256)
            self.delivery.release_body()
        return self._upload

    def close(self) -> None:
        self._files.close()

    async def _write(self, content: bytes, spool: Spool, account: Account) -> Path:
        with ExitStack() as files:
            try:
                file = spool.new_file(account)
                files.callback(file.close)
                for start in range(0, len(content), _WRITE_BYTES):
                    file.write(content[start : start + _WRITE_BYTES])
                    await asyncio.sleep(0)  # for others
                file.flush()
            except OSError as error:
                raise DiskUnavailable() from error
            self._files = files.pop_all()
        return file.path


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
