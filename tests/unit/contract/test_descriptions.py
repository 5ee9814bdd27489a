"""Each model, each property and each enumeration in the published schemas has a description."""

import importlib
import inspect
import pkgutil
from enum import Enum
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

import epos.contract
import epos.till_contract

Json = dict[str, Any]


def classes(package: ModuleType) -> list[type]:
    """The classes that are defined in the package, without the base classes."""
    modules = [
        importlib.import_module(module.name)
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    ]
    return [
        value
        for module in modules
        if module.__name__ != "epos.contract.base"
        for value in vars(module).values()
        if inspect.isclass(value) and value.__module__ == module.__name__
    ]


def definitions(package: ModuleType, mode: JsonSchemaMode) -> dict[str, Json]:
    models = [found for found in classes(package) if issubclass(found, BaseModel)]
    _, schema = models_json_schema([(model, mode) for model in models], by_alias=False)
    described: dict[str, Json] = schema["$defs"]
    return described


def undescribed(schemas: dict[str, Json]) -> list[str]:
    properties = {
        f"{name}.{member}": described
        for name, schema in schemas.items()
        for member, described in schema.get("properties", {}).items()
    }
    return [
        name for name, schema in (schemas | properties).items() if not schema.get("description")
    ]


@pytest.mark.parametrize("mode", ["validation", "serialization"])
@pytest.mark.parametrize("package", [epos.contract, epos.till_contract])
def test_everything_has_a_description(package: ModuleType, mode: JsonSchemaMode) -> None:
    schemas = definitions(package, mode)
    assert len(schemas) > 30
    assert undescribed(schemas) == []


def test_an_enumeration_publishes_its_values() -> None:
    schemas = definitions(epos.contract, "validation")
    enumerations = [found for found in classes(epos.contract) if issubclass(found, Enum)]
    published = [found for found in enumerations if found.__name__ in schemas]
    assert len(published) > 5
    for enumeration in published:
        assert schemas[enumeration.__name__]["enum"] == [member.value for member in enumeration]


def test_a_missing_description_is_noticed() -> None:
    schemas: dict[str, Json] = {"Tip": {"description": "A tip.", "properties": {"amount": {}}}}
    assert undescribed(schemas) == ["Tip.amount"]
    assert undescribed({"Tip": {}}) == ["Tip"]
