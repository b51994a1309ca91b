"""What the parameters of a tool point at, and what it makes."""

from envscaler.scen_generator.solution_first.intentions.targets import targets_of
from tests.scen_generator.intentions.making import knowledge


def test_a_tool_whose_name_says_only_where_to_makes_nothing_of_that_name() -> None:
    context = knowledge().context
    tool = context.tools["get_boat"].model_copy(update={"name": "add_to_waitlist"})

    assert [each.is_new for each in targets_of(tool, context, as_new=True)] == [False]
