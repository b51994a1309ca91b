"""What a trajectory must be to go on to training. Each filter is pure and has a name.

A filter answers None, or why it refuses the trajectory.
"""

from collections.abc import Callable, Mapping

from envscaler.config import InteractSettings
from envscaler.errors import RejectedError
from envscaler.records import StopReason, Trajectory

Filter = Callable[[Trajectory, InteractSettings], str | None]


def finished(trajectory: Trajectory, _: InteractSettings) -> str | None:
    """The agent or the user said that it was over."""
    if trajectory.stop_reason is StopReason.FINISHED:
        return None
    return f"The episode ended with {trajectory.stop_reason.value!r}"


def well_formed(trajectory: Trajectory, _: InteractSettings) -> str | None:
    """Every message of the agent could be used, and every call has its answer."""
    for message in trajectory.messages:
        if message.problem is not None:
            return f"The agent sent a malformed message. {message.problem}"
    asked = [call.id for message in trajectory.messages for call in message.tool_calls]
    answered = [message.tool_call_id for message in trajectory.messages if message.role == "tool"]
    if asked != answered:
        return f"There are {len(asked)} calls and {len(answered)} answers, or not in this order"
    return None


def turns(trajectory: Trajectory, settings: InteractSettings) -> str | None:
    """The agent spoke neither too seldom nor too often."""
    count = sum(message.role == "assistant" for message in trajectory.messages)
    if settings.min_turns <= count <= settings.max_turns:
        return None
    return f"{count} turns of the agent, not {settings.min_turns} to {settings.max_turns}"


def score(trajectory: Trajectory, settings: InteractSettings) -> str | None:
    """The final state has a score that is high enough."""
    reward = trajectory.reward
    if reward is None:
        return "There is no score: the scenario has no checks"
    if reward.score is None:
        return f"There is no score: {reward.problem}"
    if reward.score < settings.min_score:
        return f"The score is {reward.score}, below {settings.min_score}"
    return None


FILTERS: Mapping[str, Filter] = {
    "finished": finished,
    "well_formed": well_formed,
    "turns": turns,
    "score": score,
}


def keep(trajectory: Trajectory, settings: InteractSettings) -> Trajectory:
    """Return the trajectory when all filters of the settings let it pass.

    Raises:
        RejectedError: One did not; its kind is the name of the filter.
    """
    for name in settings.filters:
        reason = FILTERS[name](trajectory, settings)
        if reason is not None:
            raise RejectedError(name, reason)
    return trajectory
