"""The language of templates: Jinja, and of it only what filling in words takes.

What was written is checked before it is compiled: names, conditions, a few filters. There are no
loops, no calls and no arithmetic, so that a text is never longer than its parts, nor slower. The
sandbox around it is the second wall. Values are data: nothing in them is ever read as template.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2 import Template as CompiledText
from jinja2.sandbox import ImmutableSandboxedEnvironment

FILTERS = frozenset(("capitalize", "lower", "title", "trim", "upper"))

_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
    nodes.Filter,
)
_NAMES_OF_NODES = {"For": "a loop", "Call": "a call", "Getattr": "a dot", "Getitem": "an index"}

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    autoescape=False,
    trim_blocks=True,
    lstrip_blocks=True,
)


class WrongText(Exception):
    """This cannot be a template's text: the reason, and its line within the text."""

    def __init__(self, reason: str, *, line: int) -> None:
        super().__init__(f"line {line}: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A checked text. `printed`: the names whose values can come out, once for each place."""

    compiled: CompiledText
    names: frozenset[str]
    printed: tuple[str, ...]
    own_chars: int

    def fill(self, values: Mapping[str, str | int]) -> str:
        """The text with every value in its place, without blank lines. Every name needs one."""
        lines = self.compiled.render(values).splitlines()
        return "\n".join(line.rstrip() for line in lines if line.strip())


@lru_cache(maxsize=256)
def read_text(source: str) -> Text:
    """Raises WrongText."""
    try:
        tree = _ENVIRONMENT.parse(source)
        found = tuple(_checked(tree))
        compiled = _ENVIRONMENT.from_string(tree)
    except TemplateSyntaxError as error:
        raise WrongText(error.message or "not a template", line=error.lineno) from error
    except RecursionError as error:
        raise WrongText("nested too deeply", line=1) from error
    printed = {id(name) for output in tree.find_all(nodes.Output) for name in _printed(output)}
    names = [node for node in found if isinstance(node, nodes.Name)]
    return Text(
        compiled=compiled,
        names=frozenset(node.name for node in names),
        printed=tuple(node.name for node in names if id(node) in printed),
        own_chars=sum(len(node.data) for node in found if isinstance(node, nodes.TemplateData)),
    )


def _checked(node: nodes.Node) -> Iterator[nodes.Node]:
    """The node and all within it. Raises WrongText at the first that may not be there."""
    if not isinstance(node, _ALLOWED):
        kind = type(node).__name__
        what = _NAMES_OF_NODES.get(kind, f"“{kind.lower()}”")
        raise WrongText(f"{what} is not part of the language of templates", line=node.lineno)
    if isinstance(node, nodes.Filter) and (
        node.name not in FILTERS or node.args or node.kwargs or node.dyn_args or node.dyn_kwargs
    ):
        known = ", ".join(sorted(FILTERS))
        raise WrongText(f"the filters are {known}, without arguments", line=node.lineno)
    yield node
    for child in node.iter_child_nodes():
        yield from _checked(child)


def _printed(node: nodes.Node) -> Iterator[nodes.Name]:
    """The names of an expression whose values come out of it; a condition only decides."""
    match node:
        case nodes.Name():
            yield node
        case nodes.CondExpr():
            yield from _printed(node.expr1)
            if node.expr2 is not None:
                yield from _printed(node.expr2)
        case nodes.Compare() | nodes.Not():
            return
        case _:
            for child in node.iter_child_nodes():
                yield from _printed(child)
