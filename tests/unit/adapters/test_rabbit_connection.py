"""How what goes wrong with the broker is told, whatever else happens at that moment."""

import asyncio

import pytest
from aio_pika.exceptions import AMQPConnectionError, ChannelInvalidStateError

from common.adapters.rabbit.connection import broker_errors
from common.errors import BrokerUnavailable


@pytest.mark.parametrize("error", [AMQPConnectionError(), ChannelInvalidStateError(), TimeoutError()])
async def test_a_lost_connection_is_a_broker_that_is_not_available(error: Exception) -> None:
    with pytest.raises(BrokerUnavailable), broker_errors():
        raise error


async def test_what_a_closing_channel_cancels_is_a_broker_that_is_not_available() -> None:
    with pytest.raises(BrokerUnavailable), broker_errors():
        raise asyncio.CancelledError


async def test_an_error_while_winding_up_does_not_hide_a_cancellation() -> None:
    """Else a loop that repeats what is unavailable would go on for ever."""
    begun = asyncio.Event()

    async def work() -> None:
        with broker_errors():
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                raise AMQPConnectionError

    working = asyncio.create_task(work())
    await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_a_limit_of_time_within_is_no_cancellation() -> None:
    with pytest.raises(BrokerUnavailable), broker_errors():
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()
