"""Keys of dialogues that grow, beside those of all that is hashed anew."""

from hypothesis import given
from hypothesis import strategies as st

from envscaler.llm.keys import Dialogues, key_of

Message = dict[str, object]


def body_of(messages: tuple[Message, ...], **more: object) -> dict[str, object]:
    return {"model": "m", "messages": messages, **more}


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
messages = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "tool"]), "content": texts}),
    min_size=1,
    max_size=12,
)
options = st.fixed_dictionaries(
    {}, optional={"max_tokens": st.integers(1, 9), "temperature": st.floats(0, 2), "a": texts}
)


@given(messages, options, st.integers(0, 3))
def test_a_dialogue_that_grows_has_the_keys_of_its_whole_body(
    said: list[Message], more: dict[str, object], seed: int
) -> None:
    dialogues = Dialogues(most=3)

    for size in [*range(1, len(said) + 1), len(said), 1]:
        body = body_of(tuple(said[:size]), **more)
        key = dialogues.key_of(body, sample=1, seed=seed)
        assert key == key_of(body, sample=1, seed=seed)


def test_equal_messages_of_another_dialogue_are_not_taken_for_it() -> None:
    dialogues = Dialogues()
    shared: Message = {"role": "user", "content": "go on"}
    one: Message = {"role": "system", "content": "one"}
    other: Message = {"role": "system", "content": "other"}

    keys = [
        dialogues.key_of(body_of((first, shared)), sample=0, seed=0) for first in (one, other, one)
    ]

    assert keys[0] == keys[2] != keys[1]


def test_other_settings_before_the_messages_give_another_key() -> None:
    dialogues = Dialogues()
    said: tuple[Message, ...] = ({"role": "user", "content": "hello"},)

    keys = {
        dialogues.key_of(body_of(said, max_tokens=tokens), sample=0, seed=0) for tokens in (1, 2)
    }

    assert len(keys) == 2


def test_no_more_dialogues_are_remembered_than_allowed() -> None:
    dialogues = Dialogues(most=5)

    for number in range(20):
        body = body_of(({"role": "user", "content": str(number)},))
        dialogues.key_of(body, sample=0, seed=0)

    assert len(dialogues._asked) == 5  # pyright: ignore[reportPrivateUsage]
