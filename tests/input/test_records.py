"""Records: every wrong field is told with its place, what was found, what is allowed and the nearest name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import Discriminator, Field, Tag

from planner.documents import parse_document
from planner.errors import MAX_COMPLAINTS, Complaint, Place
from planner.records import (
    AnyCountry,
    Country,
    Day,
    Flag,
    Fraction,
    MonthLabel,
    NonNegative,
    Number,
    Positive,
    PositiveWhole,
    Record,
    Slug,
    Text,
    Whole,
    Year,
    number_or_word,
    ordered,
    unique,
    validate,
)

from .given import complaint, complaints


class Cat(Record):
    kind: Literal["cat"]
    name: Slug
    lives: Whole = 9


class Dog(Record):
    kind: Literal["dog"]
    name: Slug
    tricks: Annotated[list[Text], Field(min_length=1, max_length=2)] = Field(default=[])


class Bowl(Record):
    litres: Positive
    owner: Slug | None = None


Term = Annotated[
    Annotated[PositiveWhole, Tag("number")] | Annotated[Literal["ever"], Tag("word or number")],
    Discriminator(number_or_word),
]


class House(Record):
    number: Number | None = None
    rent: NonNegative | None = None
    share: Fraction | None = None
    floors: PositiveWhole | None = None
    free: Flag = False
    built: Day | None = None
    since: MonthLabel | None = None
    land: Country | None = None
    lands: AnyCountry | None = None
    note: Text | None = None
    term: Term | None = None
    paid: dict[Year, NonNegative] = Field(default={})
    bowls: dict[Slug, Bowl] = Field(default={})
    pets: Annotated[list[Annotated[Cat | Dog, Field(discriminator="kind")]], unique("name")] = Field(default=[])


def house(text: str) -> House:
    return validate(House, parse_document(text, "f"))


def refused(text: str) -> Complaint:
    return complaint(house, text)


def test_good_values_keep_their_exact_meaning() -> None:
    found = house(
        "number: -0.10\nrent: 1e3\nshare: 1\nfloors: 36\nfree: true\nbuilt: 2026-02-28\nsince: 2027-12\nland: SE\n"
        "lands: any\nnote: '36'\nterm: ever\npaid: {2027: 5}\n"
    )
    assert (found.number, found.rent, found.share, found.floors) == (Decimal("-0.10"), 1000, 1, 36)
    assert (found.free, found.built, found.since, found.land, found.lands) == (True, date(2026, 2, 28), "2027-12",
                                                                              "SE", "any")  # fmt: skip
    assert (found.note, found.term, found.paid) == ("36", "ever", {2027: 5})
    assert house("term: 3").term == 3


@pytest.mark.parametrize(
    ("field", "text", "message", "found"),
    [
        ("number", "true", "must be a number", "true"),
        ("number", "'36'", "must be a number", "'36'"),
        ("number", "12:30", "must be a number", "'12:30'"),
        ("number", "1_000", "must be a number", "'1_000'"),
        ("number", "[1]", "must be a number", "a list of 1"),
        ("number", "{a: 1}", "must be a number", "a mapping of 1"),
        ("number", "nan", "must be a number", "'nan'"),
        ("rent", "-0.01", "should be greater than or equal to 0", "-0.01"),
        ("share", "1.01", "should be less than or equal to 1", "1.01"),
        ("share", "-1", "should be greater than or equal to 0", "-1"),
        ("floors", "true", "must be a whole number", "true"),
        ("floors", "36.0", "must be a whole number", "36.0"),
        ("floors", "1e1", "must be a whole number", "1E+1"),
        ("floors", "'36'", "must be a whole number", "'36'"),
        ("floors", "0", "should be greater than or equal to 1", "0"),
        ("floors", "1000000001", "should be less than or equal to 1000000000", "1000000001"),
        ("free", "1", "must be true or false", "1"),
        ("free", "'yes'", "must be true or false", "'yes'"),
        ("free", "null", "must be true or false", "nothing"),
        ("built", "20260228", "must be a day, YYYY-MM-DD", "20260228"),
        ("built", "1700006400", "must be a day, YYYY-MM-DD", "1700006400"),
        ("built", "'1700006400'", "must be a day, YYYY-MM-DD", "'1700006400'"),
        ("built", "2026-02-28T10:00:00", "must be a day, YYYY-MM-DD", "'2026-02-28T10:00:00'"),
        ("built", "2026-2-8", "must be a day, YYYY-MM-DD", "'2026-2-8'"),
        ("built", "2026-02-30", "is no day of the calendar", "'2026-02-30'"),
        ("since", "2027-13", "is not written as it should be", "'2027-13'"),
        ("since", "2027-1", "is not written as it should be", "'2027-1'"),
        ("since", '"2027-01\\n"', "is not written as it should be", r"'2027-01\n'"),
        ("since", "2027", "must be text; put it in quotes", "2027"),
        ("land", "se", "is not written as it should be", "'se'"),
        ("lands", "some", "is not written as it should be", "'some'"),
        ("note", "5", "must be text; put it in quotes", "5"),
        ("note", "true", "must be text; put it in quotes", "true"),
        ("note", "' '", "is not written as it should be", "' '"),
        ("note", "''", "is not written as it should be", "''"),
        ("term", "'3'", "is not one of the choices", "'3'"),
        ("term", "0", "should be greater than or equal to 1", "0"),
        ("paid", "[1]", "must be a mapping", "a list of 1"),
        ("pets", "{}", "must be a list", "a mapping of 0"),
    ],
)
def test_wrong_values_are_refused_at_their_field(field: str, text: str, message: str, found: str) -> None:
    told = refused(f"\n  {field}: {text}")
    assert (told.place, told.field, told.found) == (Place("f", 2, 3), field, found)
    assert told.message.startswith(message)


def test_what_is_allowed_is_said_in_words() -> None:
    assert refused("since: 2027-13").allowed == "a month, such as 2027-01"
    assert refused("land: x").allowed == "two capital letters, such as US"
    assert refused("pets: [{kind: cat, name: A b}]").allowed == "lower-case letters, digits and hyphens"
    assert refused("term: evr").allowed == "'ever' or a number without quotes"
    assert refused("term: evr").cure == "did you mean 'ever'?"
    assert refused("rent: '5'").cure == "write it without quotes, units and separators"


@pytest.mark.parametrize("key", ["2027.0", "20x7", "'2_027'", "' 2027'", "'+2027'", "12027", "1e3"])
def test_keys_that_only_look_like_a_year_are_refused(key: str) -> None:
    told = refused(f"paid:\n  {key}: 5")
    assert told.message == "must be a year, such as 2027"
    assert (told.place.line, told.field) == (2, f"paid.{key.strip(chr(39))}")


def test_unknown_keys_name_the_nearest_one_at_every_depth() -> None:
    found = complaints(
        house,
        "flors: 3\nbowls:\n  water: {litres: 1, ownr: x}\npets:\n  - kind: cat\n    name: tom\n    livs: 3\n"
        "  - {kind: dog, name: rex, lives: 3}\n",
    )
    assert [(one.place.line, one.place.column, one.field, one.cure) for one in found] == [
        (1, 1, "flors", "did you mean 'floors'?"),
        (3, 22, "bowls.water.ownr", "did you mean 'owner'?"),
        (7, 5, "pets.0.livs", "did you mean 'lives'?"),
        (8, 28, "pets.1.lives", None),
    ]
    assert found[2].allowed == "kind, lives, name"
    assert found[3].allowed == "kind, name, tricks"


def test_missing_fields_are_told_at_the_record_that_lacks_them() -> None:
    found = complaints(house, "bowls:\n  water: {}\npets:\n  - kind: cat\n")
    assert [(one.place.line, one.field, one.message) for one in found] == [
        (2, "bowls.water.litres", "is missing"), (4, "pets.0.name", "is missing")]  # fmt: skip


def test_the_kind_of_a_union_is_checked_before_its_fields() -> None:
    told = refused("pets:\n  - name: tom\n    kind: catt\n    woof: 1")
    assert (told.place, told.field, told.found) == (Place("f", 3, 5), "pets.0.kind", "'catt'")
    assert (told.allowed, told.cure) == ("'cat', 'dog'", "did you mean 'cat'?")
    assert refused("pets: [{name: tom}]").message == "is missing"
    assert refused("pets: [{name: tom}]").field == "pets.0.kind"
    assert refused("pets: [{kind: [cat]}]").found == "a list of 1"
    assert refused("pets: [tom]").field == "pets.0"


def test_items_that_stand_twice_are_told_at_the_later_one() -> None:
    pets = "".join(f"  - kind: cat\n    name: {name}\n" for name in ("tom", "kit", "tom", "kit", "tom"))
    found = complaints(house, "pets:\n" + pets)
    assert [(one.place.line, one.field, one.found) for one in found] == [
        (7, "pets.2.name", "'tom'"), (9, "pets.3.name", "'kit'"), (11, "pets.4.name", "'tom'")]  # fmt: skip
    assert found[2].message == "stands twice, first at f:3:5"


def test_lists_of_a_wrong_length_and_wrong_items_keep_their_place() -> None:
    told = refused("pets: [{kind: dog, name: rex, tricks: []}]")
    assert told.field == "pets.0.tricks"
    assert "needs at least 1 item" in told.message
    assert refused("pets:\n  - {kind: dog, name: rex, tricks: [sit, 5]}").place.column == 42


def test_all_problems_are_told_in_the_order_of_the_file() -> None:
    found = complaints(house, "zzz: 1\nshare: 2\nrent: -1\npets: [{kind: cat, name: T, lives: -1}, 5]\nnumber: x")
    assert [one.field for one in found] == [
        "zzz", "share", "rent", "pets.0.name", "pets.0.lives", "pets.1", "number"]  # fmt: skip


def test_keys_with_slashes_and_dots_are_not_mistaken_for_paths() -> None:
    class Prices(Record):
        prices: dict[str, NonNegative]

    document = parse_document("prices:\n  a/b.c: 1\n  a/b: -1\n  prices: -2", "f")
    found = complaints(validate, Prices, document)
    assert [(one.place.line, one.field) for one in found] == [(3, "prices.a/b"), (4, "prices.prices")]


@pytest.mark.parametrize("text", ["5", "text", "[1]", "null"])
def test_a_file_that_is_no_mapping_is_refused(text: str) -> None:
    assert refused(text).message == "must be a mapping of fields"


def test_a_part_of_a_document_can_be_checked() -> None:
    document = parse_document("x:\n  - litres: 5\n  - litres: 0\n", "f")
    assert validate(Bowl, document, ("x", 0)).litres == 5
    told = complaint(validate, Bowl, document, ("x", 1))
    assert (told.place.line, told.field) == (3, "x.1.litres")
    assert complaint(validate, Bowl, document, ("x",)).place.line == 1


def test_a_flood_of_wrong_fields_is_cut_with_a_note() -> None:
    found = complaints(house, "\n".join(f"key{i}: 1" for i in range(20_000)))
    assert len(found) == MAX_COMPLAINTS + 1
    assert found[0].field == "key0"


def test_records_are_frozen() -> None:
    found = house("rent: 5")
    with pytest.raises(ValueError, match="frozen"):
        found.rent = Decimal(6)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [((1, 2, 3), True), ((2, 2, 2), True), ((None, 2, None), True), ((3, None, 1), False), ((None, 2, 1), False)],
)
def test_ordered_ignores_what_is_not_given(numbers: tuple[Any, ...], expected: bool) -> None:
    assert ordered(*numbers) is expected
