"""Reads YAML strictly and remembers where everything stood.

YAML 1.1 turns `NO` into False, `12:30` into 750 and keeps the last of two equal keys in silence. Here a plain
scalar is null, true, false, a number or text, as in YAML 1.2; what YAML 1.1 would have read differently is refused
with a cure, or stays text. Numbers become int or Decimal, never float. Tags, merge keys, cycles, deep nesting, alias
bombs and control characters are refused.
"""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from planner.errors import MAX_COMPLAINTS, Complaint, InputError, Place, shown
from planner.numerals import plain_number

Path_ = tuple[str | int, ...]

MAX_BYTES = 8_000_000
MAX_DEPTH = 40
MAX_NODES = 200_000
MAX_KEY = 200

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_AMBIGUOUS = {"yes", "no", "on", "off", "y", "n", "true", "false", "null"}
_ODD_TEXT = re.compile(r"[-+.]?[0-9]|[-+]?\.[A-Za-z]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass
class Document:
    """A parsed file: plain values, and the place of every key and item by its path."""

    file: str
    value: Any
    places: dict[Path_, Place] = field(default_factory=dict)

    def place(self, path: Path_) -> Place:
        """Return the place of `path`, or of its closest parent that stands in the file."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(self.file))

    def put(self, path: Path_, value: Any, origin: Place) -> None:
        """Set the value at `path`, making mappings on the way, and remember that it came from `origin`."""
        self.places = {at: where for at, where in self.places.items() if at[: len(path)] != path}
        parent = self.value
        for depth, step in enumerate(path[:-1], start=1):
            inner = parent.get(step) if isinstance(parent, dict) else parent[step]
            if inner is None:
                inner = parent[step] = {}
                self.places[path[:depth]] = origin
            parent = inner
        parent[path[-1]] = value
        self.places[path] = origin


def load_document(path: Path) -> Document:
    """Read the YAML file `path`.

    Raises
    ------
    InputError
        with every problem of the file: missing, unreadable, too large, malformed, duplicate keys, unsafe tags.
    """
    file = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError([Complaint(Place(file), "", f"cannot be read: {reason}")]) from None
    if len(data) > MAX_BYTES:
        raise InputError([Complaint(Place(file), "", f"is larger than {MAX_BYTES:,} bytes", cure="split it")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Place(file, data.count(b"\n", 0, error.start) + 1)
        raise InputError([Complaint(place, "", f"is not UTF-8 text: {error.reason}")]) from None
    document = parse_document(text, file)
    if document.value is None:
        raise InputError([Complaint(Place(file), "", "is empty")])
    return document


def parse_document(text: str, file: str) -> Document:
    """Parse YAML `text`, None when it holds nothing; `file` is the name that places carry.

    Raises
    ------
    InputError
        as `load_document` does.
    """
    reader = _Reader(file)
    try:
        reader.check_shape(text)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        problem = ", ".join(filter(None, (error.context, error.problem)))
        raise InputError([Complaint(place, "", f"is not YAML: {problem}")]) from None
    except yaml.reader.ReaderError as error:
        place = Place(file, text.count("\n", 0, error.position) + 1)
        raise InputError([Complaint(place, "", "holds a control character")]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise InputError([Complaint(Place(file), "", f"is not YAML: {error}")]) from None
    value = None if node is None else reader.read(node, ())
    if reader.complaints:
        raise InputError(reader.complaints)
    return Document(file, value, reader.places)


class _Reader:
    """Turns YAML nodes into plain values, noting places and complaints on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[Path_, Place] = {}
        self.complaints: list[Complaint] = []
        self._open: set[int] = set()
        self._tags: dict[tuple[int, int, bool], str] = {}

    def check_shape(self, text: str) -> None:
        """Refuse several documents, deep nesting and alias bombs before anything is built, and note explicit tags."""
        sizes: dict[str, int] = {}
        counts = [0]
        anchors: list[str | None] = []
        documents = 0
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(event, "starts a second document; a file holds one, so drop the line ---")
            elif isinstance(event, yaml.AliasEvent):
                counts[-1] += sizes.get(str(event.anchor), 1)
            elif isinstance(event, yaml.ScalarEvent):
                counts[-1] += 1
                sizes |= {event.anchor: 1} if event.anchor else {}
                self._note_tag(event, is_scalar=True)
            elif isinstance(event, yaml.CollectionStartEvent):
                counts.append(1)
                anchors.append(event.anchor)
                self._note_tag(event, is_scalar=False)
                if len(anchors) > MAX_DEPTH:
                    self._refuse(event, f"is nested more than {MAX_DEPTH} levels deep")
            elif isinstance(event, yaml.CollectionEndEvent):
                size, anchor = counts.pop(), anchors.pop()
                sizes |= {anchor: size} if anchor else {}
                counts[-1] += size
            if counts[-1] > MAX_NODES:
                self._refuse(event, f"expands to more than {MAX_NODES:,} values")

    def _note_tag(self, event: Any, is_scalar: bool) -> None:
        if event.tag is not None:
            self._tags[event.start_mark.line, event.start_mark.column, is_scalar] = event.tag

    def _refuse(self, event: Any, message: str) -> None:
        raise InputError([Complaint(self._place(event), "", message)])

    def read(self, node: yaml.Node, path: Path_) -> Any:
        if len(path) > MAX_DEPTH:  # aliases can nest deeper than the text does
            self._refuse(node, f"is nested more than {MAX_DEPTH} levels deep")
        if path not in self.places:  # a key's place is noted already
            self.places[path] = self._place(node)
        if id(node) in self._open:
            raise InputError([Complaint(self._place(node), dotted(path), "refers to itself through an alias")])
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.ScalarNode):
                return self._scalar(node, path)
            self._check_tag(node, path)
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str) or len(key) > MAX_KEY or _CONTROL.search(key):
                self._complain(key_node, path, f"a key must be plain text of up to {MAX_KEY} characters")
                continue
            at = (*path, key)
            self._check_tag(key_node, at)
            if key == "<<":
                self._complain(key_node, at, "merge keys are not supported", cure="write the fields out")
            elif key in values:
                self._complain(key_node, at, f"the key stands twice, first in line {self.places[at].line}")
            else:
                self.places[at] = self._place(key_node)
                values[key] = self.read(value_node, at)
        return values

    def _scalar(self, node: yaml.ScalarNode, path: Path_) -> Any:
        text: str = node.value
        self._check_tag(node, path)
        if _CONTROL.search(text):
            self._complain(node, path, "holds a control character", found=shown(text))
        if node.style:  # libyaml says "", pure Python None for a plain scalar
            return text
        if text in ("", "~", "null"):
            return None
        if text in ("true", "false"):
            return text == "true"
        if text.lower() in _AMBIGUOUS:
            plain = "null" if text.lower() == "null" else "true or false"
            cure = f"write {plain}, or '{text}' in quotes when text is meant"
            self._complain(node, path, "is ambiguous in YAML", found=text, cure=cure)
            return text
        try:
            number = plain_number(text)
        except ValueError as error:
            self._complain(node, path, str(error), found=text if len(text) <= 60 else text[:57] + "…")
            return text
        return text if number is None else number

    def _check_tag(self, node: yaml.Node, path: Path_) -> None:
        at = (node.start_mark.line, node.start_mark.column, isinstance(node, yaml.ScalarNode))
        if at in self._tags:
            tag = self._tags[at].replace("tag:yaml.org,2002:", "!!")
            self._complain(node, path, "tags are not allowed", found=shown(tag), cure="write a plain value")

    def _place(self, node: Any) -> Place:
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def _complain(self, node: Any, path: Path_, message: str, **more: str) -> None:
        self.complaints.append(Complaint(self._place(node), dotted(path), message, **more))
        if len(self.complaints) > MAX_COMPLAINTS:
            raise InputError(self.complaints)


class _Writer(yaml.SafeDumper):
    """Writes plain values so that they are read back as they were: text that looks like a number stands in quotes."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out: aliases are for machines."""
        return True


def _text_node(writer: _Writer, value: str) -> yaml.ScalarNode:
    plain = _ODD_TEXT.match(value) is None
    return writer.represent_scalar("tag:yaml.org,2002:str", value, style=None if plain else "'")


def _number_node(writer: _Writer, value: Decimal | float) -> yaml.ScalarNode:
    text = re.sub(r"^(-?\d+)(?=[eE]|$)", r"\1.0", str(value))
    return writer.represent_scalar("tag:yaml.org,2002:float", text)


_Writer.add_representer(str, _text_node)
_Writer.add_representer(Decimal, _number_node)
_Writer.add_representer(float, _number_node)


def yaml_text(value: Any) -> str:
    """Return plain values, as documents hold them, as YAML that reads back the same."""
    return yaml.dump(value, None, _Writer, sort_keys=False, allow_unicode=True, width=110)


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write `content` to `path` through a temporary file beside it, so that nothing half-written is ever seen.

    Raises
    ------
    InputError
        when the folder cannot be made or written.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        temporary.chmod(0o644)
        temporary.replace(path)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError([Complaint(Place(str(path)), "", f"cannot be written: {reason}")]) from None
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()


def dotted(path: Path_) -> str:
    """Return a path as people write it: training.runs.0.gpu."""
    return ".".join(str(step) for step in path)
