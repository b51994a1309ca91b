"""Open the models of a run: one per role, over one store and one connection per endpoint."""

import gc
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from envscaler.chat import ChatModel, Endpoint, Role
from envscaler.config import LlmSettings, Settings
from envscaler.errors import ConfigError
from envscaler.llm.batch import REQUESTS, write_requests
from envscaler.llm.client import Client
from envscaler.llm.connection import Connection
from envscaler.llm.limiter import Limiter
from envscaler.llm.recorder import (
    BatchSource,
    Embedder,
    RecordedModel,
    Recorder,
    ReplaySource,
    Schemas,
    Source,
)
from envscaler.llm.store import Store
from envscaler.llm.usage import Meter, load_prices

STORE = "store.sqlite"
_YOUNG_OBJECTS = 10_000


class RunModels(dict[Role, ChatModel]):
    """Who answers for each role, and who embeds texts."""

    embedder: Embedder | None = None
    """None when no embedding model is set."""


def open_meter(settings: LlmSettings) -> Meter:
    """Return a meter with the limits and prices of the settings.

    Raises:
        ConfigError: The price file cannot be read, or there is a limit of cost without prices.
    """
    if settings.max_cost is not None and settings.prices is None:
        raise ConfigError("--max-cost needs a price file: set llm.prices")
    meter = Meter(settings.max_tokens_total, settings.max_cost)
    if settings.prices is not None:
        meter.prices = load_prices(settings.prices)
    return meter


@asynccontextmanager
async def open_models(
    settings: Settings,
    endpoints: Mapping[Role, Endpoint],
    folder: Path,
    meter: Meter,
    also: Sequence[Path] = (),
) -> AsyncGenerator[RunModels]:
    """Open the models of a run, and close them at the end.

    Args:
        settings: The run's.
        endpoints: Where each role's model is; only `live` looks at them.
        folder: The run folder, which exists; holds `store.sqlite` and `requests.jsonl`.
        meter: Counts what is spent.
        also: Stores that are only read.

    Raises:
        ArtifactError: The store cannot be used.
        ConfigError: A limit of cost is set and a model has no price.
    """
    _check_prices(settings, meter)
    async with AsyncExitStack() as stack:
        stack.enter_context(_rare_collections())
        store = stack.enter_context(Store(folder / STORE, also=also))
        if settings.llm.policy == "batch":
            stack.callback(write_requests, store, folder / REQUESTS)
        yield _Opening(settings, endpoints, store, meter, stack).models()


@contextmanager
def _rare_collections() -> Generator[None]:
    """Let young garbage pile up longer than usual, for as long as models are open.

    With hundreds of requests in flight nearly every young object is alive, and walking them after
    each 700 new ones costs a fifth of a call.
    """
    before = gc.get_threshold()
    gc.set_threshold(_YOUNG_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Opening:
    """What the models of a run share while they are put together."""

    def __init__(
        self,
        settings: Settings,
        endpoints: Mapping[Role, Endpoint],
        store: Store,
        meter: Meter,
        stack: AsyncExitStack,
    ) -> None:
        self._settings = settings
        self._endpoints = endpoints
        self._store = store
        self._meter = meter
        self._stack = stack
        self._connections: dict[Endpoint, Connection] = {}
        self._limiters: dict[tuple[str | None, str], Limiter] = {}
        self._schemas: dict[tuple[str | None, str], Schemas] = {}

    def models(self) -> RunModels:
        recorder = Recorder(self._store, keep_requests=self._settings.llm.keep_requests)
        models = RunModels()
        for role, chosen in self._settings.models.items():
            endpoint, setting = self._endpoints[role], f"models.{role}.model"
            source = self._source(chosen.model, endpoint, setting, chosen.api_key_env)
            schemas = self._schemas_of(endpoint, chosen.model)
            models[role] = RecordedModel(chosen, recorder, source, self._meter, schemas)
        if (name := self._settings.llm.embedding_model) is not None:
            models.embedder = Embedder(name, recorder, self._embedding_source(name))
        return models

    def _embedding_source(self, name: str) -> Source:
        miner = self._settings.models["miner"]
        endpoint = self._endpoints["miner"]
        if (base_url := self._settings.llm.embedding_base_url) is not None:
            endpoint = Endpoint(base_url, endpoint.api_key)
        return self._source(name, endpoint, "llm.embedding_model", miner.api_key_env)

    def _source(self, model: str, endpoint: Endpoint, setting: str, key_name: str) -> Source:
        match self._settings.llm.policy:
            case "replay":
                return ReplaySource()
            case "batch":
                return BatchSource(self._store)
            case "live":
                return Client(
                    connection=self._connection(endpoint),
                    model=model,
                    setting=setting,
                    key_name=key_name,
                    limiter=self._limiter(endpoint, model),
                    meter=self._meter,
                    tries=self._settings.llm.transient_tries,
                    patience=self._settings.llm.patience,
                )

    def _connection(self, endpoint: Endpoint) -> Connection:
        if endpoint not in self._connections:
            llm = self._settings.llm
            most = llm.max_in_flight * (len(self._settings.models) + 1)
            connection = Connection(
                endpoint, timeout=llm.timeout, connections=most, transport=llm.transport
            )
            self._stack.push_async_callback(connection.close)
            self._connections[endpoint] = connection
        return self._connections[endpoint]

    def _schemas_of(self, endpoint: Endpoint, model: str) -> Schemas:
        sent = self._settings.llm.structured == "auto"
        return self._schemas.setdefault((endpoint.base_url, model), Schemas(sent=sent))

    def _limiter(self, endpoint: Endpoint, model: str) -> Limiter:
        name = (endpoint.base_url, model)
        if name not in self._limiters:
            llm = self._settings.llm
            self._limiters[name] = Limiter(llm.start_in_flight, llm.max_in_flight)
        return self._limiters[name]


def _check_prices(settings: Settings, meter: Meter) -> None:
    models = {chosen.model for chosen in settings.models.values()}
    unknown = sorted(models - set(meter.prices))
    if meter.max_cost is not None and settings.llm.policy == "live" and unknown:
        raise ConfigError(
            f"--max-cost cannot hold: the price file has no price for {', '.join(unknown)}"
        )
