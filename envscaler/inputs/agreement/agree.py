"""Makes the records of a state agree, one matter after the other."""

from copy import deepcopy
from datetime import datetime

from envscaler.environment.hints.hints import Hints
from envscaler.inputs.agreement.adding_up import settle_numbers
from envscaler.inputs.agreement.belonging import settle_belonging, settle_heads, settle_members
from envscaler.inputs.agreement.diets import settle_diets
from envscaler.inputs.agreement.figures import settle_figures
from envscaler.inputs.agreement.records import Records
from envscaler.inputs.agreement.rights import share_rights
from envscaler.inputs.agreement.scenes import settle_scenes
from envscaler.inputs.agreement.shape import settle_shape
from envscaler.inputs.agreement.standing import settle_availability, settle_standing
from envscaler.inputs.agreement.suited import settle_sides, settle_suited
from envscaler.inputs.agreement.teams import settle_teams
from envscaler.inputs.agreement.things import settle_orders, settle_things
from envscaler.inputs.agreement.timeline import settle_times
from envscaler.inputs.agreement.variety import settle_histories, settle_sorts, settle_texts
from envscaler.inputs.vocabulary import Vocabulary
from envscaler.records import JsonObject


def agreed(state: JsonObject, hints: Hints, vocabulary: Vocabulary, now: datetime) -> JsonObject:
    """Return a state whose records do not contradict each other.

    Args:
        state: With values that each could be real.
        hints: What the class tells about its values.
        vocabulary: Words, and chance where it is all the same.
        now: When it begins.
    """
    records = Records(deepcopy(state), hints, vocabulary, now)
    settle_sorts(records)
    settle_things(records)
    settle_belonging(records)
    settle_teams(records)
    settle_standing(records)
    settle_members(records)
    settle_histories(records)
    settle_things(records)
    settle_texts(records)
    settle_diets(records)
    settle_suited(records)
    settle_numbers(records)
    settle_figures(records)
    settle_heads(records)
    settle_orders(records)
    settle_times(records)
    settle_availability(records)
    settle_scenes(records)
    settle_sides(records)
    settle_shape(records)
    share_rights(records)
    return records.state
