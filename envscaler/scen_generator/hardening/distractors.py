"""Tools that are like those that change something, and change nothing."""

import ast

from envscaler.errors import RejectedError
from envscaler.records import Call, Environment, Scenario
from envscaler.scen_generator.hardening.again import Bench, proof_of, proven_again, score_of
from envscaler.scen_generator.hardening.classes import Method, class_in, methods_of, with_methods

PREVIEW, ASK = "preview_", "ask_to_"


def distracting(environment: Environment) -> Environment:
    """Return an environment in which each tool that changes something has two that only look so.

    `preview_X` says what X would do, `ask_to_X` puts it on a list that nobody works through by
    itself. Both say in their description that nothing is changed.
    """
    methods = methods_of(class_in(environment))
    taken = {tool.name for tool in environment.tools} | {*methods}
    added: list[Method] = []
    for name in environment.structure.changes:
        if name not in methods or {PREVIEW + name, ASK + name} & taken:
            continue
        arguments = ast.unparse(methods[name].args)
        words = name.replace("_", " ")
        told = f"Say what {name} would do with these arguments. Nothing is changed."
        body = ('return {"success": True, "message": "Preview only: nothing was changed."}',)
        added.append(Method(PREVIEW + name, arguments, told, body))
        told = f"Ask somebody with more rights to {words}. Nothing is changed until they do."
        body = ('return {"success": True, "message": "Your request is on the list."}',)
        added.append(Method(ASK + name, arguments, told, body))
    return with_methods(environment, added)


async def harden(bench: Bench, environment: Environment, scenario: Scenario) -> Scenario:
    """Put a scenario among tools that distract.

    Raises:
        RejectedError: It cannot be proven there, or a tool that distracts does as well.
    """
    reference = proof_of(scenario).reference
    calls = [each.call for each in reference]
    found = await proven_again(bench, environment, scenario, calls)
    names = {tool.name for tool in environment.tools}
    for at, each in enumerate(reference):
        for before in (PREVIEW, ASK) if each.changed else ():
            if before + each.name not in names:
                continue
            instead = Call(name=before + each.name, arguments=each.arguments)
            wrong = [*calls[:at], instead, *calls[at + 1 :]]
            if await score_of(bench, environment, found, wrong) == 1:
                raise RejectedError("unsound", f"{instead.name} does as well as {each.name}")
    if not any(PREVIEW + each.name in names for each in reference if each.changed):
        raise RejectedError("no_distractor", "No tool of its solution has one that is like it")
    return found
