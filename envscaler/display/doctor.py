"""What `doctor` prints: the machine, the endpoints, and what models can do."""

from collections.abc import Iterable, Iterator, Mapping

from envscaler.chat import Endpoint, Role
from envscaler.config import Settings
from envscaler.display.tables import draw
from envscaler.llm.connection import shown
from envscaler.llm.probe import Probed
from envscaler.sandbox.doctor import Report


def machine_table(found: Report, settings: Settings, where: Mapping[Role, Endpoint]) -> str:
    """Say what the machine offers, and who answers for each role."""
    many = f"up to {found.environments:,} environments at once"
    rows = [
        ("machine", f"{found.system}, Python {found.python}, {found.cores} cores"),
        ("sandbox", f"{found.level or 'none'}, {many}"),
        ("stopped", ", ".join(found.stopped or ("nothing was tried",))),
    ]
    for role, endpoint in where.items():
        key = "with a key" if endpoint.api_key else "without a key"
        address = shown(endpoint.base_url or "OpenAI")
        rows.append((role, f"{settings.models[role].model} at {address}, {key}"))
    return draw((), rows, texts=(0, 1))


def probed_table(probed: Iterable[Probed]) -> str:
    """Say what each model can do."""
    return draw((), (row for each in probed for row in _rows(each)), texts=(0, 1))


def _rows(probed: Probed) -> Iterator[tuple[str, str]]:
    yield probed.model, f"at {probed.endpoint}, for {', '.join(probed.roles)}"
    if probed.problem:
        yield "  does not answer", probed.problem
    for ability, finding in probed.found:
        yield f"  {ability}", finding
