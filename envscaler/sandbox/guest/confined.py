"""Tell checks that cannot leave anything behind from those that might.

A confined check names no builtin, attribute or module but those listed here, and stores to no
attribute. On plain data that leaves it its own variables and its own copies of the states, so the
worker it ran in may go on to the next scenario. Any other check gets a worker that ends with it.
Those that moreover only read what they are given can be given the same copy.
"""

import ast
import builtins

_BUILTINS = frozenset(
    ("abs", "all", "any", "bool", "dict", "divmod", "enumerate", "filter", "float", "frozenset",
     "int", "isinstance", "len", "list", "map", "max", "min", "next", "iter", "range", "reversed",
     "round", "set", "sorted", "str", "sum", "tuple", "zip", "True", "False", "None", "Exception",
     "KeyError", "ValueError", "TypeError", "IndexError", "AttributeError", "StopIteration",
     "ArithmeticError", "OverflowError", "ZeroDivisionError", "LookupError", "RuntimeError", "repr",
     "ord", "chr")
)  # fmt: skip
_CHANGING = frozenset(
    ("pop", "setdefault", "update", "append", "extend", "insert", "remove", "sort", "reverse",
     "add", "discard")
)  # fmt: skip
_ATTRIBUTES = _CHANGING | frozenset(
    ("get", "items", "keys", "values", "copy", "index", "count", "union",
     "intersection", "difference", "symmetric_difference", "issubset", "issuperset", "isdisjoint",
     "lower", "upper", "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "join",
     "startswith", "endswith", "replace", "find", "rfind", "title", "capitalize", "casefold",
     "isdigit", "isalpha", "isalnum", "isnumeric", "isdecimal", "isupper", "islower", "isspace",
     "removeprefix", "removesuffix", "partition", "rpartition", "zfill", "is_integer",
     "datetime", "date", "time", "now", "today", "utcnow", "timedelta",
     "timezone", "utc", "fromisoformat", "isoformat",
     "astimezone", "weekday", "isoweekday", "strptime", "strftime", "days", "seconds",
     "total_seconds", "year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo",
     "match", "search", "fullmatch", "findall", "sub", "group", "groups", "isclose",
     "floor", "ceil", "loads", "dumps", "Fraction", "numerator", "denominator",
     "gcd", "lcm", "isqrt", "trunc", "isascii", "finditer", "compile", "start", "end", "span")
)  # fmt: skip
_MODULES = frozenset(("datetime", "re", "math", "json", "fractions"))
_NODES = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.AugAssign,
    ast.AnnAssign, ast.For, ast.While, ast.If, ast.Try, ast.ExceptHandler, ast.Raise, ast.Import,
    ast.ImportFrom, ast.alias, ast.Expr, ast.Pass, ast.Break, ast.Continue, ast.BoolOp,
    ast.NamedExpr, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Dict, ast.Set, ast.ListComp,
    ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension, ast.Compare, ast.Call,
    ast.keyword, ast.JoinedStr, ast.FormattedValue, ast.Constant, ast.Attribute, ast.Subscript,
    ast.Starred, ast.Name, ast.List, ast.Tuple, ast.Slice, ast.expr_context, ast.boolop,
    ast.operator, ast.unaryop, ast.cmpop,
)  # fmt: skip
_REAL_BUILTINS = frozenset(dir(builtins))


def is_confined(tree: ast.Module) -> bool:
    """Say whether code can touch nothing but its own variables."""
    compared = _compared_types(tree)
    return all(node in compared or _is_allowed(node) for node in ast.walk(tree))


def _compared_types(tree: ast.Module) -> set[ast.AST]:
    """Return each name `type` that stands as in `type(x) is int`: the class goes nowhere else."""
    compared = (node for node in ast.walk(tree) if isinstance(node, ast.Compare))
    sides = [side for node in compared for side in (node.left, *node.comparators)]
    return {side.func for side in sides if isinstance(side, ast.Call) and _asks_type(side)}


def _asks_type(call: ast.Call) -> bool:
    by_name = isinstance(call.func, ast.Name) and call.func.id == "type"
    plain = len(call.args) == 1 and not isinstance(call.args[0], ast.Starred)
    return by_name and plain and not call.keywords


def only_reads(tree: ast.Module) -> bool:
    """Say whether confined code changes nothing but its own variables."""
    return all(map(_is_reading, ast.walk(tree)))


def _is_reading(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr=name):
            return name not in _CHANGING
        case ast.Subscript(ctx=context):
            return isinstance(context, ast.Load)
        case ast.AugAssign(op=operation, value=value):
            # A list that is added to, or multiplied, is changed itself; no list takes a number.
            number = isinstance(value, ast.Constant) and isinstance(value.value, int | float)
            return number and isinstance(operation, ast.Add | ast.Sub)
        case _:
            return True


def _is_allowed(node: ast.AST) -> bool:
    match node:
        case ast.FunctionDef():
            allowed = _is_name_allowed(node.name) and not node.decorator_list
        case ast.Name(id=name) | ast.arg(arg=name) | ast.alias(asname=str(name)):
            allowed = _is_name_allowed(name)
        case ast.Attribute():
            allowed = _is_attribute_allowed(node)
        case ast.Import() | ast.ImportFrom():
            allowed = _is_import_allowed(node)
        case ast.ExceptHandler():
            allowed = _is_handler_allowed(node)
        case _:
            allowed = isinstance(node, _NODES)
    return allowed


def _is_attribute_allowed(node: ast.Attribute) -> bool:
    return node.attr in _ATTRIBUTES and isinstance(node.ctx, ast.Load)


def _is_import_allowed(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.Import):
        return all(one.name in _MODULES for one in node.names)
    known = all(one.name in _ATTRIBUTES for one in node.names)
    return node.module in _MODULES and known and not node.level


def _is_handler_allowed(node: ast.ExceptHandler) -> bool:
    """Refuse `except:`, and a name that must not be given to what is caught."""
    return node.type is not None and _is_name_allowed(node.name or "")


def _is_name_allowed(name: str) -> bool:
    """Refuse names of Python's own, and builtins that are not listed, whoever assigns to them."""
    return not name.startswith("__") and (name in _BUILTINS or name not in _REAL_BUILTINS)
