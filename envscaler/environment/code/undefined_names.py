"""Find names that a module uses and nobody defines: mostly imports that were forgotten."""

import builtins
import symtable
from collections.abc import Iterator

_MODULE_NAMES = frozenset({"__name__", "__doc__", "__file__"})


def undefined_names(source: str) -> tuple[str, ...]:
    """Return the undefined names of a module that parses, each once, in alphabetical order."""
    module = symtable.symtable(source, "module", "exec")
    defined = {symbol.get_name() for symbol in module.get_symbols() if _is_bound(symbol)}
    known = defined | set(dir(builtins)) | _MODULE_NAMES
    return tuple(sorted({name for name in _global_names(module) if name not in known}))


def _is_bound(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def _global_names(table: symtable.SymbolTable) -> Iterator[str]:
    at_module_level = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or at_module_level):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _global_names(child)
