"""Reads documents of studies back, and refuses those that are of another plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from planner.errors import Complaint, InputError, shown
from planner.planreader import check_types, file_bytes, json_object, refuse
from planner.planschema.types import STUDY_VERSION
from planner.report.whatif.attached import ATTACHED, KINDS

_CURE = f"give what planner {'|'.join(KINDS)} wrote with --to json, or run it again"


def with_studies(plan: dict[str, Any], paths: Sequence[Path]) -> dict[str, Any]:
    """Return `plan` with the studies at `paths` attached.

    Raises
    ------
    InputError
        with a complaint about every file that is no document of a study, or is of another plan.
    """
    studies: dict[str, dict[str, Any]] = {}
    complaints: list[Complaint] = []
    for path in paths:
        try:
            study = read_study(path)
            _check_plan(study, plan, str(path))
            if studies.setdefault(study["kind"], study) is not study:
                refuse(str(path), "is the second of its kind", "kind", found=study["kind"], cure="give one of each")
        except InputError as error:
            complaints += error.complaints
    if complaints:
        raise InputError(complaints)
    return plan | {ATTACHED: [*studies.values()]} if studies else plan


def read_study(path: Path) -> dict[str, Any]:
    """Read the document of a study at `path`. Raises InputError when it is none of this version."""
    file = str(path)
    study = json_object(file_bytes(path, _CURE), file, "the document of a study", _CURE)
    kind, version = study.get("kind"), study.get("schema_version")
    if not isinstance(kind, str) or kind not in KINDS:
        refuse(file, "cannot be shown with a plan", "kind", found=shown(kind), allowed=", ".join(KINDS), cure=_CURE)
    if version != STUDY_VERSION:
        message = "is not of the version that this planner writes"
        refuse(file, message, "schema_version", found=shown(version), allowed=str(STUDY_VERSION), cure=_CURE)
    check_types(TypeAdapter(KINDS[kind].types), study, file, _CURE)
    return study


def _check_plan(study: dict[str, Any], plan: dict[str, Any], file: str) -> None:
    """Refuse a study of another scenario, or one with other prices."""
    for field, asked, message, cure in (
        ("scenario_digest", plan["scenario_digest"], "is of another scenario than the plan, or of one changed since",
         KINDS[study["kind"]].cure),
        ("catalog_digest", plan["catalog"]["digest"], "was made with other prices than the plan",
         f"run planner plan and planner {study['kind']} with one catalog"),
    ):  # fmt: skip
        if study[field] != asked:
            refuse(file, message, field, found=study[field][:12], allowed=asked[:12], cure=cure)
