"""tau-bench's users: strategies by which a model plays one, with the published prompts."""

from envscaler.benchmarks.checkout import Checkout
from envscaler.benchmarks.tau_bench.tasks import USERS
from envscaler.benchmarks.users import ModelUser, published
from envscaler.chat import Prompt, Reply
from envscaler.errors import ConfigError, ReplyError
from envscaler.llm.calls import Calls

STRATEGIES = ("llm", "react", "verify", "reflection")
STOP = "###STOP###"
_GREETING = "Hi! How can I help you today?"
_TRIES = 3
_APART = 1_000
"""Between the numbers of replies to the same request within one trial."""
_LABELS = {"user": "Customer", "assistant": "Agent"}


def make_user(
    checkout: Checkout, instruction: str, strategy: str, calls: Calls, *, sample: int
) -> ModelUser:
    """Make a user.

    Args:
        checkout: Has the prompts.
        instruction: What the user wants.
        strategy: One of `STRATEGIES`.
        calls: Asks the model.
        sample: Which trial it is.

    Raises:
        ConfigError: The checkout has other prompts.
    """
    owner = "ReactUserSimulationEnv" if strategy == "react" else "LLMUserSimulationEnv"
    system = checkout.template(USERS, owner, "build_system_prompt")
    shown = f"\n\nInstruction: {instruction}\n"
    prompt = published(system.replace("{instruction_display}", shown), _GREETING)
    if strategy == "react":
        return ReactUser(calls, prompt, ends=STOP, sample=sample)
    if strategy == "llm":
        return ModelUser(calls, prompt, ends=STOP, sample=sample)
    judge = Supervisor(checkout, calls, sample)
    if strategy == "verify":
        return VerifiedUser(calls, prompt, judge, sample)
    return ReflectingUser(calls, prompt, judge, sample)


def check_strategy(strategy: str | None) -> str:
    """Return the strategy in use.

    Raises:
        ConfigError: There is no such strategy.
    """
    if strategy is not None and strategy not in STRATEGIES:
        raise ConfigError(f"tau-bench has no user {strategy}; --user takes {','.join(STRATEGIES)}")
    return strategy or STRATEGIES[0]


def read_react(reply: Reply) -> tuple[str, str]:
    """Read a thought and what is said: whole, and what the agent hears.

    The official code sends the thought along whenever there is one; it is meant to stay unheard.

    Raises:
        ReplyError: Nothing is said.
    """
    text = reply.content
    if STOP in text:
        return text, STOP
    _, mark, said = text.rpartition("User Response:")
    if not mark or not said.strip():
        raise ReplyError("Write 'Thought:' and below it 'User Response:' with one line to say")
    return text, said.strip()


class ReactUser(ModelUser):
    """Thinks before it speaks."""

    async def _choose(self) -> tuple[str, str]:
        return await self._calls.ask("user", self._prompt, read_react, sample=self._sample)


class Supervisor:
    """Says whether an answer of the user will do, and writes a better one.

    Args:
        checkout: Has the prompts.
        calls: Asks the model of the role `user`.
        sample: Which trial it is.
    """

    def __init__(self, checkout: Checkout, calls: Calls, sample: int) -> None:
        self._verify = checkout.template(USERS, "verify")
        self._reflect = checkout.template(USERS, "reflect")
        self._calls = calls
        self._sample = sample

    async def accepts(self, prompt: Prompt, response: str) -> bool:
        """Say whether an answer will do."""
        reply = await self._ask(self._verify, prompt, response)
        return "true" in reply.lower()

    async def rewrite(self, prompt: Prompt, response: str) -> str:
        """Write a better answer."""
        reply = await self._ask(self._reflect, prompt, response)
        return reply.rpartition("Response:")[2].strip()

    async def _ask(self, template: str, prompt: Prompt, response: str) -> str:
        lines = (
            f"{_LABELS.get(str(one.get('role')), 'System')}: {one.get('content')}"
            for one in prompt.messages
        )
        text = template.replace("{response}", response)
        text = text.replace("{transcript}", "\n".join(lines))
        asked = published(text)
        question = Prompt(asked.name, asked.sha, ({"role": "user", "content": text},))
        return (await self._calls.reply("user", question, sample=self._sample)).content


class _Supervised(ModelUser):
    """A user whose answers are looked at before they are given."""

    def __init__(self, calls: Calls, prompt: Prompt, judge: Supervisor, sample: int) -> None:
        super().__init__(calls, prompt, ends=STOP, sample=sample)
        self._judge = judge

    async def _reply(self, prompt: Prompt, number: int = 0) -> str:
        sample = self._sample + number * _APART
        return (await self._calls.reply("user", prompt, sample=sample)).content


class VerifiedUser(_Supervised):
    """Speaks anew until the supervisor is content, three times at most."""

    async def _choose(self) -> tuple[str, str]:
        said = ""
        for number in range(_TRIES):
            said = await self._reply(self._prompt, number)
            if await self._judge.accepts(self._prompt, said):
                break
        return said, said


class ReflectingUser(_Supervised):
    """Has an answer that will not do thought over once."""

    async def _choose(self) -> tuple[str, str]:
        first = await self._reply(self._prompt)
        if await self._judge.accepts(self._prompt, first):
            return first, first
        better = await self._judge.rewrite(self._prompt, first)
        again = self._prompt.then({"role": "user", "content": better})
        second = await self._reply(again)
        chosen = second if await self._judge.accepts(again, second) else first
        return chosen, chosen
