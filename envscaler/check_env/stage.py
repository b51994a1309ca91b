"""`envscaler check-env` as a stage: examine many environments, one row each."""

from collections.abc import Callable, Sequence
from functools import partial

from envscaler.check_env.examine import examine
from envscaler.check_env.predicates.oracle import Oracle
from envscaler.check_env.referee import Referee
from envscaler.errors import GuestError, ReplyError
from envscaler.pipeline.measure import Found, Measured, measure
from envscaler.pipeline.part import Step
from envscaler.pipeline.run import Run
from envscaler.records import Examination, Invariant, JsonObject, Skeleton

Subject = tuple[Skeleton, tuple[JsonObject, ...], tuple[Invariant, ...]]
"""An environment, states of it that somebody made, and rules of it as code."""
Advised = tuple[Oracle, Referee]
"""Who writes what an environment has to do as predicates, and who rules on doubts."""
Consult = Callable[[Skeleton, Run], Advised]
"""Finds both for an environment: a function of a module."""


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


def _examiner(consult: Consult | None, run: Run) -> Step[Subject, Examined]:
    async def step(subject: Subject) -> Examined:
        skeleton, states, rules = subject
        oracle, referee = consult(skeleton, run) if consult else (None, None)
        try:
            found = await examine(
                skeleton,
                states,
                run.sandbox,
                seed=run.settings.seed,
                invariants=rules,
                oracle=oracle,
                referee=referee,
            )
        except (GuestError, ReplyError) as error:
            return Examined(id=skeleton.id, examination=None, problem=str(error))
        return Examined(id=skeleton.id, examination=found)

    return step


async def examine_all(
    run: Run, given: Sequence[Subject], *, consult: Consult | None = None
) -> Found[Examined]:
    """Examine environments, as a stage that writes `examined.jsonl`.

    Args:
        run: Where to; with models, where they are asked.
        given: What is examined.
        consult: Has a model write what each has to do as predicates, and rule on doubts.

    Raises:
        EnvScalerError: What stopped the stage.
    """
    return await measure(
        run,
        given,
        run.step(partial(_examiner, consult)),
        name="check-env",
        out="examined",
        kind=Examined,
        id_of=lambda subject: subject[0].id,
        basis=lambda subject: (
            subject[0].model_dump_json(),
            str(subject[1]),
            *(rule.model_dump_json() for rule in subject[2]),
            str(run.settings.seed),
            run.settings.models["judge"].model if consult else "",
        ),
    )
