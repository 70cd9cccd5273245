"""Can the service do its work now?"""

from collections.abc import Sequence

from common.ports import Probe


class Health:
    def __init__(self, probes: Sequence[Probe]) -> None:
        self._probes = probes

    async def check(self) -> None:
        """Raises Unavailable, naming what is missing."""
        for probe in self._probes:
            await probe.check()
