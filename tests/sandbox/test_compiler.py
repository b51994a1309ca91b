"""A source is blamed for the loss of a worker only when it costs a second one."""

import asyncio
from typing import cast

import pytest

from envscaler.errors import GuestError
from envscaler.sandbox.channel import Channel, WorkerLostError
from envscaler.sandbox.compiler import Compiler
from envscaler.sandbox.guest import wire
from envscaler.sandbox.pool import Workers


class Lost:
    """The channel of a worker that is gone by its own doing."""

    lost = "gone"

    async def is_forsaken(self) -> bool:
        return False


class FewWorkers:
    """Workers of which the first ones are lost while they compile."""

    def __init__(self, losses: int) -> None:
        self.losses = losses

    async def own(self, _loadable: None) -> Channel:
        return cast("Channel", Lost())

    async def ask(self, _channel: Channel, _operation: int, _body: bytes) -> tuple[int, bytes]:
        if self.losses:
            self.losses -= 1
            raise WorkerLostError("it does not read its requests", late=True)
        return wire.OK, bytes([wire.CONFINED]) + b"code"


def compile_after(losses: int) -> bytes:
    compiler = Compiler(cast("Workers", FewWorkers(losses)))
    return asyncio.run(compiler.compile("x = 1", "X")).code


def test_a_late_worker_costs_another_try() -> None:
    assert compile_after(1) == b"code"


def test_a_source_that_costs_two_workers_is_refused() -> None:
    with pytest.raises(GuestError, match="X cannot be compiled: it does not read its requests"):
        compile_after(2)
