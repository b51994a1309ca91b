"""`envscaler check-env` as a stage: examine many environments, one row each."""

from collections.abc import Iterable

from envscaler.check_env.examine import examine
from envscaler.errors import GuestError, ReplyError
from envscaler.pipeline.measure import Measured, measure
from envscaler.pipeline.run import Run
from envscaler.pipeline.shards import Step
from envscaler.records import Examination, Invariant, JsonObject, Skeleton

Subject = tuple[Skeleton, tuple[JsonObject, ...], tuple[Invariant, ...]]
"""An environment, states of it that somebody made, and rules of it as code."""


class Examined(Measured):
    """`examined.jsonl`: what calling the tools of an environment, whose id it has, has shown."""

    examination: Examination | None
    """None when it does not even start."""
    problem: str = ""
    """Why it does not start."""

    @property
    def is_sound(self) -> bool:
        """It starts, and nothing serious was found."""
        return self.examination is not None and not self.examination.serious


def _examiner(run: Run) -> Step[Subject, Examined]:
    async def step(subject: Subject) -> Examined:
        skeleton, states, rules = subject
        try:
            found = await examine(
                skeleton, states, run.sandbox, seed=run.settings.seed, invariants=rules
            )
        except (GuestError, ReplyError) as error:
            return Examined(id=skeleton.id, examination=None, problem=str(error))
        return Examined(id=skeleton.id, examination=found)

    return step


async def examine_all(run: Run, given: Iterable[Subject]) -> list[Examined]:
    """Examine environments, as a stage that writes `examined.jsonl`.

    Raises:
        EnvScalerError: What stopped the stage.
    """
    return await measure(
        run,
        list(given),
        run.step(_examiner),
        name="check-env",
        out="examined",
        kind=Examined,
        id_of=lambda subject: subject[0].id,
        basis=lambda subject: (
            subject[0].model_dump_json(),
            str(subject[1]),
            *(rule.model_dump_json() for rule in subject[2]),
            str(run.settings.seed),
        ),
    )
