"""As much of an AMQP 0-9-1 broker as a publisher needs, which can raise an alarm, refuse and die."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from pamqp import commands, frame, header
from pamqp.base import Frame
from pamqp.exceptions import UnmarshalingException

_ANSWERS: dict[type, Frame] = {
    commands.Connection.Open: commands.Connection.OpenOk(),
    commands.Connection.Close: commands.Connection.CloseOk(),
    commands.Channel.Open: commands.Channel.OpenOk(),
    commands.Channel.Close: commands.Channel.CloseOk(),
    commands.Confirm.Select: commands.Confirm.SelectOk(),
    commands.Basic.Qos: commands.Basic.QosOk(),
    commands.Queue.Declare: commands.Queue.DeclareOk("queue", 0, 0),
}
_HAND_SHAKE = {
    header.ProtocolHeader: commands.Connection.Start(
        server_properties={"capabilities": {"publisher_confirms": True, "connection.blocked": True}}
    ),
    commands.Connection.StartOk: commands.Connection.Tune(channel_max=2047, frame_max=131072),
}


class AmqpServer:
    """Confirms every message but those with ``unconfirmed`` routing keys, or with ``refuses`` takes none.
    Keeps the routing keys of all.
    """

    def __init__(self) -> None:
        self.port = 0
        self.refuses = False
        self.unconfirmed: set[str] = set()
        self._is_alarmed = False
        self.published: list[tuple[str, str]] = []
        self.listening: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"amqp://user:word@127.0.0.1:{self.port}/x?reconnect_interval=0.05"

    def alarm(self) -> None:
        """Tell all clients that nothing is taken now, and answer no message, until they are cut off."""
        self._is_alarmed = True
        for writer in self._writers:
            writer.write(frame.marshal(commands.Connection.Blocked("low on memory"), 0))

    def cut(self) -> None:
        """End every connection at once, without a goodbye; new ones are taken."""
        self._is_alarmed = False
        for writer in list(self._writers):
            writer.transport.abort()

    async def close(self) -> None:
        """End every connection, and take no more."""
        if self.listening is not None:
            self.listening.close()
        self.cut()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        received = b""
        tags: dict[int, int] = {}
        with contextlib.suppress(OSError):
            while chunk := await reader.read(64 * 1024):
                received += chunk
                while received:
                    try:
                        used, channel, asked = frame.unmarshal(received)
                    except UnmarshalingException:
                        break
                    received = received[used:]
                    if isinstance(asked, commands.Channel.Open):
                        tags[channel] = 0
                    if isinstance(asked, commands.Basic.Publish):
                        tags[channel] += 1
                    answer = self._answer(asked, tags.get(channel, 0))
                    if answer is not None:
                        writer.write(frame.marshal(answer, channel))
        self._writers.discard(writer)
        writer.close()

    def _answer(self, asked: object, tag: int) -> Frame | None:
        if isinstance(asked, commands.Basic.Publish):
            if self._is_alarmed:
                return None
            self.published.append((asked.exchange, asked.routing_key))
            if asked.routing_key in self.unconfirmed:
                return None
            return commands.Basic.Nack(tag) if self.refuses else commands.Basic.Ack(tag)
        return _HAND_SHAKE.get(type(asked)) or _ANSWERS.get(type(asked))


@contextlib.asynccontextmanager
async def amqp_server() -> AsyncIterator[AmqpServer]:
    served = AmqpServer()
    async with await asyncio.start_server(served.serve, "127.0.0.1", 0) as server:
        served.listening = server
        served.port = server.sockets[0].getsockname()[1]
        yield served
        served.cut()
