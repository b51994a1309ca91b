"""How many different chains of tools the scenarios of a run have, for who has made them."""

from collections import Counter, defaultdict

from envscaler.jsonl import read_rows
from envscaler.pipeline.run import Run
from envscaler.records import Scenario, chain_of
from envscaler.scen_generator.shortfalls import is_begun, is_tiered


def distinct_chains(run: Run) -> str | None:
    """Say how many different chains there are, in all and by tier; None where nothing has a tier.

    A chain is the class and the names of the tools that the reference solution calls, in order.
    """
    if not is_tiered(run.settings.scen_generator) or not is_begun(run):
        return None
    counted, chains = Counter[int](), defaultdict[int, set[tuple[str, int]]](set)
    for row in read_rows(run.path("scenarios"), Scenario):
        chain = chain_of(row)
        if row.shape is not None and chain is not None:
            counted[row.shape.tier] += 1
            chains[row.shape.tier].add((row.env_id, chain))
    if not counted:
        return None
    many, every = len(set[tuple[str, int]]().union(*chains.values())), counted.total()
    tiers = ", ".join(
        f"{len(chains[tier])} in {counted[tier]} of tier {tier}" for tier in sorted(counted)
    )
    return f"{many} different chains of tools in {every} scenarios ({many / every:.0%}): {tiers}"
