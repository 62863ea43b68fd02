"""`planner report`: a report from a plan.json."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from planner.errors import Complaint, InputError, Place


class To(StrEnum):
    """Forms of the report."""

    html = "html"


def report(
    plan: Annotated[Path, typer.Argument(help="A plan.json that `planner plan` wrote.")],
    to: Annotated[To, typer.Option(help="The form.")] = To.html,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The file; default: beside the plan.")] = None,
) -> None:
    """Write the report of a plan again."""
    from planner.documents import write_atomically
    from planner.planfile import SCHEMA_VERSION
    from planner.report.html import render_html

    try:
        document = json.loads(plan.read_text(encoding="utf-8"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError([Complaint(Place(str(plan)), "", f"cannot be read: {reason}")]) from None
    except (UnicodeDecodeError, json.JSONDecodeError):
        cure = "give the plan.json that planner plan wrote"
        raise InputError([Complaint(Place(str(plan)), "", "is not a plan.json", cure=cure)]) from None
    found = document.get("schema_version") if isinstance(document, dict) else None
    if found != SCHEMA_VERSION:
        message, cure = "is not a plan.json of this version", "run planner plan again"
        complaint = Complaint(Place(str(plan)), "schema_version", message, str(found), str(SCHEMA_VERSION), cure)
        raise InputError([complaint])
    target = output if output is not None else plan.with_name(f"report.{to.value}")
    write_atomically(target, render_html(document))
    typer.echo(f"Written: {target}", err=True)
