"""Writes what is made from code: model.md from docstrings, cli.md from the commands, schema/ from types. `make docs`.

A test holds every page fresh.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from enum import EnumType
from pathlib import Path
from typing import Any, get_args, get_origin

from typer import Typer
from typer.models import ArgumentInfo, CommandInfo, OptionInfo

from planner.actuals.formats import FORMATS
from planner.analysis.options import RESTRICTIONS
from planner.catalog.facts import Fact
from planner.catalog.schema import SECTIONS, Commitment, Source
from planner.cli.main import EXIT_CODES, app
from planner.cli.output import as_json
from planner.cli.schema import Kind, schema_of
from planner.costs import COMPONENTS, TAXES, contingency
from planner.model.constraints import BUDGETS, RULES
from planner.records import Record

HERE = Path(__file__).parent
COMPLETION = """\
## Completion

`planner --install-completion` teaches the shell to complete commands, options, scenario files and catalog ids;
`planner --show-completion` prints what it would install."""


def pages() -> dict[str, str]:
    """Return the text of every page that is made, by its path in docs/."""
    schemas = {f"schema/{kind}.schema.json": as_json(schema_of(kind)) for kind in Kind}
    return {"model.md": model(), "cli.md": cli(), "months.md": months(), "../data/pricing/README.md": pricing(),
            **schemas}  # fmt: skip


def model() -> str:
    """Return the text of docs/model.md."""
    parts = [
        "<!-- Written by docs/generate.py: edit docstrings or docs/model-intro.md, then run `make docs`. -->",
        (HERE / "model-intro.md").read_text(encoding="utf-8").rstrip(),
        "## Rules\n\nEach is one function in `planner/model/constraints/`; its rows carry its name in LP files.",
        *(_section(rule) for rule in (*RULES, *BUDGETS)),
        "## Cost components\n\nEach is a file in `planner/costs/`; objective, ledger and budgets read the same lines.",
        *(_section(component) for component in (*COMPONENTS, contingency, *TAXES)),
        "## Baselines\n\nThe same program with some columns closed (`planner/analysis/options.py`).",
        *(_section(restriction) for restriction in RESTRICTIONS.values()),
    ]
    return "\n\n".join(parts) + "\n"


def months() -> str:
    """Return the text of docs/months.md with its table of formats as they are."""
    head, _, rest = (HERE / "months.md").read_text(encoding="utf-8").partition("<!-- formats -->\n")
    rows = "".join(f"| `{name}` | {_cell(one.about)} |\n" for name, one in FORMATS.items())
    table = f"| FORMAT | what it is |\n| --- | --- |\n{rows}"
    return f"{head}<!-- formats -->\n\n{table}\n<!-- /formats -->{rest.partition('<!-- /formats -->')[2]}"


def _section(function: Callable[..., Any]) -> str:
    first, _, rest = inspect.getdoc(function).partition("\n")
    file = Path(inspect.getsourcefile(function)).name
    text = f"### `{function.__name__}` · {file}\n\n{first}"
    return f"{text}\n\n{rest.strip()}" if rest.strip() else text


def cli() -> str:
    """Return the text of docs/cli.md, from the functions behind the commands."""
    codes = [f"| {code} | {_cell(meaning)} |" for code, meaning in EXIT_CODES.items()]
    parts = [
        "<!-- Written by docs/generate.py: edit planner/cli/, then run `make docs`. -->",
        f"# The command line\n\n{app.info.help}\n\nData goes to stdout, messages and progress to stderr.",
        _examples(app.info.epilog.partition("\n\n")[0]),
        *(_command(name, command) for name, command in _commands(app, "planner")),
        COMPLETION,
        "\n".join(["## Exit codes", "", "| code | meaning |", "|---|---|", *codes]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _commands(group: Typer, path: str) -> Iterator[tuple[str, CommandInfo]]:
    """Yield every command with its full name, those of groups last."""
    for command in group.registered_commands:
        yield f"{path} {command.name}", command
    for inner in group.registered_groups:
        yield from _commands(inner.typer_instance, f"{path} {inner.name}")


def _command(name: str, command: CommandInfo) -> str:
    given = inspect.signature(command.callback, eval_str=True).parameters.values()
    arguments = [one for one in given if isinstance(_info(one), ArgumentInfo)]
    options = [one for one in given if isinstance(_info(one), OptionInfo)]
    names = [_argument(one) if one.default is one.empty else f"[{_argument(one)}]" for one in arguments]
    usage = " ".join([name, *names, *(["[OPTIONS]"] if options else [])])
    parts = [f"## {name}", inspect.getdoc(command.callback), f"```\n{usage}\n```"]
    rows = [_row(one, _argument(one)) for one in arguments] + [_row(one, _option(one)) for one in options]
    if rows:
        parts.append("\n".join(["| | means | default |", "|---|---|---|", *rows]))
    return "\n\n".join([*parts, _examples(command.epilog or "")]).rstrip()


def _info(parameter: inspect.Parameter) -> ArgumentInfo | OptionInfo:
    return parameter.annotation.__metadata__[0]


def _argument(parameter: inspect.Parameter) -> str:
    repeated = get_origin(parameter.annotation.__origin__) is list
    return (_info(parameter).metavar or parameter.name.upper()) + ("..." if repeated else "")


def _option(parameter: inspect.Parameter) -> str:
    """Return the names of an option and what it takes."""
    info, kinds = _info(parameter), _kinds(parameter)
    declared = [one for one in (info.default, *(info.param_decls or ())) if isinstance(one, str)]
    names = ", ".join(declared or [f"--{parameter.name.replace('_', '-')}"])
    taken = "" if bool in kinds else info.metavar or "|".join(_choices(parameter)) or kinds[0].__name__.upper()
    return f"{names} {taken}".strip()


def _kinds(parameter: inspect.Parameter) -> list[type]:
    """Return the types that a parameter takes, without the None that stands for its absence."""
    kind = parameter.annotation.__origin__
    return [one for one in get_args(kind) or (kind,) if one is not type(None)]


def _choices(parameter: inspect.Parameter) -> list[str]:
    kind = _kinds(parameter)[0]
    return [str(one) for one in kind] if isinstance(kind, EnumType) else []


def _row(parameter: inspect.Parameter, name: str) -> str:
    info = _info(parameter)
    choices = _choices(parameter) if isinstance(info, ArgumentInfo) else []
    says = info.help + (f" One of {', '.join(choices)}." if choices else "")
    return f"| `{_cell(name)}` | {_cell(says)} | {_cell(_default(parameter))} |".replace("|  |", "| |")


def _default(parameter: inspect.Parameter) -> str:
    """Return the default, in words where the help has words for it."""
    shown, value = _info(parameter).show_default, parameter.default
    if isinstance(shown, str) or value is parameter.empty:
        return shown.replace("<", "\\<") if isinstance(shown, str) else "required"
    return "" if value in (None, False, "") else f"`{value}`"


def pricing() -> str:
    """Return the text of data/pricing/README.md: every field of the catalog, from its schema."""
    records = {"Fact": Fact, "sources": Source, **SECTIONS}
    parts = [
        "<!-- Written by docs/generate.py: edit docs/pricing-intro.md or the schema, then run `make docs`. -->",
        (HERE / "pricing-intro.md").read_text(encoding="utf-8").rstrip(),
        "## Fields",
        "*Facts* hold one fact or a list of them, each with its date; other fields say what the thing is.",
        *(_record(name, record) for name, record in records.items()),
        _record("commitments of offers", Commitment),
    ]
    return "\n\n".join(parts) + "\n"


def _record(name: str, record: type[Record]) -> str:
    rows = [
        f"| `{field}` | {_holds(str(info.annotation), info.is_required())} | {_cell(info.description)} |"
        for field, info in record.model_fields.items()
    ]
    table = ["| field | holds | means |", "|---|---|---|", *rows]
    return "\n".join([f"### {name}", "", inspect.getdoc(record), "", *table]).replace("|  |", "| |")


def _holds(kind: str, required: bool) -> str:
    """Return whether a field holds facts, and whether it must be there."""
    what = "" if "Fact" not in kind else "facts by key" if kind.startswith("dict") else "facts"
    return ", ".join(filter(None, (what, "required" if required else "")))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _examples(epilog: str) -> str:
    """Return the example lines of a command's help as a block of shell."""
    lines = [line[2:] for line in epilog.splitlines() if line.startswith("  ")]
    return "\n".join(["```sh", *lines, "```"]) if lines else ""


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_text(text, encoding="utf-8")
