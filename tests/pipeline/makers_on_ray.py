"""Steps that only a worker on a Ray cluster can make."""

import asyncio

import ray

from envscaler.pipeline.run import Run
from envscaler.records import Task
from tests.pipeline.makers import Step, made


def telling_which_node(run: Run) -> Step:
    """Say which node of a Ray cluster makes the row."""
    del run

    async def step(number: int) -> Task:
        await asyncio.sleep(0.2)
        return made(number, str(ray.get_runtime_context().get_node_id()))

    return step
