"""JSON Schema of the records as their files are written, which is stricter and kinder than what pydantic would take."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from planner.catalog.facts import as_list

_NAMES = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


class AsWritten(GenerateJsonSchema):
    """Writes what our validators check beside pydantic's types: without it, numbers may be text and names anything."""

    def generate(self, schema: CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        """Return the schema with limits of numbers under their names in JSON Schema."""
        made: JsonSchemaValue = _renamed(super().generate(schema, mode))
        return made

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """Numbers are never text."""
        return {"type": "number"}

    def chain_schema(self, schema: core_schema.ChainSchema) -> JsonSchemaValue:
        """Text obeys every step: its length and its pattern."""
        return {key: value for step in schema["steps"] for key, value in self.generate_inner(step).items()}

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """A fact may stand alone or in a list."""
        made = super().function_before_schema(schema)
        return {"anyOf": [made["items"], made]} if schema["function"]["function"] is as_list else made

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Leave out titles that only repeat a field's name."""
        return False


def _renamed(value: Any) -> Any:
    if isinstance(value, list):
        return [_renamed(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key if isinstance(item, (dict, list)) else _NAMES.get(key, key): _renamed(item) for key, item in value.items()
    }
