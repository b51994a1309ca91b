"""How a class tells success from refusal."""

from envscaler.environment.code.classes import read_class
from envscaler.environment.code.convention import Convention, convention_of
from envscaler.environment.code.syntax import FunctionNode
from envscaler.records import Observation, ObservationKind


def learnt(body: str) -> Convention:
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    return convention_of(read_class(f"class Thing:\n    def act(self, x):\n{lines}\n").methods)


def test_the_envelope_is_learnt_where_most_methods_have_it() -> None:
    found = learnt('if x:\n    return {"success": False, "error": "no"}\nreturn {"success": True}')

    assert found.enveloped
    assert found.refuses({"success": False, "error": "no"})


def test_an_error_is_a_refusal_where_there_is_no_flag() -> None:
    found = learnt('if x:\n    return {"error": "no"}\nreturn {"text": x}')

    assert not found.enveloped
    assert found.refuses({"error": "no"})
    assert not found.refuses({"text": "a"})


def test_another_flag_is_learnt() -> None:
    found = learnt('if x:\n    return {"ok": False, "why": 1}\nreturn {"ok": True}')

    assert found.refuses({"ok": False, "why": 1})
    assert not found.refuses({"ok": True})


def test_a_raise_statement_refuses_where_a_class_refuses_by_raising() -> None:
    found = learnt('if x:\n    raise ValueError("no")\nreturn [x][1]')
    meant = Observation(
        kind=ObservationKind.EXCEPTION, value={"error": "ValueError: no", "line": 4}
    )
    other = Observation(kind=ObservationKind.EXCEPTION, value={"error": "IndexError", "line": 5})

    assert found.refuses_by(meant)
    assert not found.refuses_by(other)


def test_successes_and_refusals_are_held_to_the_keys_that_most_of_them_have() -> None:
    bare = learnt('if x:\n    return {"success": False, "message": "no"}\nreturn {"success": True}')
    full = learnt(
        'if x:\n    return {"success": False, "error": "no"}\nreturn {"success": True, "data": 1}'
    )

    mixed = learnt(
        'if x:\n    return {"success": True, "id": 1}\n'
        'if y:\n    return {"success": True, "data": 1}\n'
        'if z:\n    return {"success": True, "data": 2}\nreturn {"success": False, "error": "no"}'
    )

    assert bare.enveloped
    assert (mixed.carries, mixed.explains) == (False, True)
    assert (bare.carries, bare.explains) == (False, False)
    assert (full.carries, full.explains) == (True, True)


def test_what_is_no_date_is_refused_like_the_rest_where_all_refusals_are_value_errors() -> None:
    lines = "date.fromisoformat(x)\nraise ValueError(1)"
    other = "date.fromisoformat(x)\nraise KeyError(1)"

    assert len(learnt(lines).raises) == 2
    assert len(learnt(other).raises) == 1


def test_a_function_of_the_module_refuses_where_a_class_refuses_by_raising() -> None:
    found = read_class(
        "def day(text):\n    raise ValueError(text)\n\n\nclass Thing:\n    def act(self, x):\n"
        "        if not x:\n            raise ValueError(x)\n        return day(x)\n"
    )
    helpers = [node for node in found.module.body if isinstance(node, FunctionNode)]
    raised = Observation(kind=ObservationKind.EXCEPTION, value={"error": "no day", "line": 2})

    assert convention_of(found.methods, helpers).refuses_by(raised)
    assert not convention_of(found.methods).refuses_by(raised)


def helped(module: str) -> Convention:
    found = read_class(module)
    return convention_of(
        found.methods, [node for node in found.module.body if isinstance(node, FunctionNode)]
    )


def test_a_flag_that_a_function_of_the_module_writes_is_learnt() -> None:
    found = helped(
        "def _no(why):\n    return dict(ok=False, why=why)\n"
        "class Thing:\n    def act(self, x):\n"
        "        if x:\n            return _no('x')\n        return {'ok': True}\n"
    )

    assert found.refuses({"ok": False, "why": "x"})
    assert not found.refuses({"ok": True})


def test_a_word_that_says_how_it_went_is_learnt_but_not_the_status_of_a_record() -> None:
    said = learnt('if x:\n    return {"status": "error"}\nreturn {"status": "ok"}')
    kept = learnt('self.jobs[x] = {"status": "failed"}\nreturn {"status": "open"}')

    assert said.refuses({"status": "error"})
    assert not said.refuses({"status": "ok"})
    assert not kept.refuses({"status": "failed"})


def test_a_sentence_that_begins_with_error_is_a_refusal_where_the_class_writes_such() -> None:
    found = learnt('if x:\n    return f"Error: no {x}"\nreturn "Done"')
    other = learnt('return "Done"')

    assert found.refuses("Error: no cat")
    assert not found.refuses("Errorless")
    assert not other.refuses("Error: no cat")


def test_results_that_are_json_in_a_text_are_read_where_the_class_writes_them() -> None:
    found = learnt("return json.dumps([x])")

    assert found.read('[{"a": 1}]') == [{"a": 1}]
    assert found.read("[not json") == "[not json"
    assert learnt("return x").read("[1]") == "[1]"


def test_a_word_in_capitals_refuses_beside_one_that_does_not() -> None:
    found = learnt('if x:\n    return f"ERR no {x}"\nreturn "OK 3"')

    assert found.refuses("ERR no cat")
    assert not found.refuses("OK 3")


def test_pairs_say_how_it_went_where_a_class_returns_both_kinds() -> None:
    found = learnt('if x:\n    return False, "no"\nreturn True, x')
    other = learnt("return False, x")

    assert found.refuses({"$tuple": [False, "no"]})
    assert not found.refuses({"$tuple": [True, False]})
    assert not other.refuses({"$tuple": [False, 1]})


def test_a_field_that_is_true_or_false_is_no_flag_unless_a_reason_stands_beside_it() -> None:
    field = learnt('if x:\n    return {"closed": True}\nreturn {"closed": False, "dark": []}')
    flag = learnt('if x:\n    return {"went": True}\nreturn {"went": False, "reason": "no"}')

    assert not field.refuses({"closed": False, "dark": []})
    assert flag.refuses({"went": False, "reason": "no"})


def of_class(source: str) -> Convention:
    return convention_of(read_class(source).methods)


def test_a_helper_that_returns_what_it_is_given_tells_the_words_of_a_refusal() -> None:
    found = of_class(
        "class Thing:\n"
        "    def _reply(self, status, body=None):\n"
        "        return {'status': status, 'body': body}\n"
        "    def take(self, x):\n"
        "        return self._reply(200, x) if x else self._reply(404, 'nothing there')\n"
    )

    assert found.refuses({"status": 404, "body": "nothing there"})
    assert not found.refuses({"status": 200, "body": None})


def test_a_flag_that_a_helper_is_given_is_learnt() -> None:
    found = of_class(
        "class Thing:\n"
        "    def _reply(self, ok, **more):\n"
        "        return {'ok': ok, **more}\n"
        "    def take(self, x):\n"
        "        return self._reply(False, why='no') if x else self._reply(True)\n"
    )

    assert found.refuses({"ok": False, "why": "no"})
    assert not found.refuses({"ok": True})


def test_a_reason_that_is_returned_alone_is_a_refusal() -> None:
    found = learnt('if x:\n    return {"problem": "no such book"}\nreturn {"result": x}')

    assert found.refuses({"problem": "no such book"})
    assert not found.refuses({"result": {"problem": "none"}})


def test_pairs_may_refuse_by_a_word_or_by_what_stands_second() -> None:
    words = learnt('if x:\n    return "error", "no"\nreturn "ok", x')
    second = learnt('if x:\n    return None, "no such book"\nreturn x, None')

    assert words.refuses({"$tuple": ["error", "no"]})
    assert not words.refuses({"$tuple": ["ok", 1]})
    assert second.refuses({"$tuple": [None, "no such book"]})
    assert not second.refuses({"$tuple": [None, None]})


def test_a_sentence_that_begins_with_cannot_refuses_beside_one_that_begins_with_error() -> None:
    found = learnt(
        'if x:\n    return "Cannot lend it"\nif x > 1:\n    return "Error: no"\nreturn "Lent"'
    )

    assert found.refuses("Cannot lend this one")
    assert found.refuses("error: no such book")
    assert not found.refuses("Lent to Ann")


def test_none_is_a_refusal_where_most_methods_return_it_beside_something() -> None:
    found = of_class(
        "class Thing:\n"
        "    def take(self, x):\n"
        "        if not x:\n            return None\n        return x\n"
        "    def look(self, x):\n"
        "        return x if x else None\n"
        "    def all(self):\n"
        "        return [1]\n"
    )
    other = learnt('if x:\n    return [x]\nreturn {"text": x}')

    assert found.refuses(None)
    assert not found.refuses([])
    assert not other.refuses(None)
