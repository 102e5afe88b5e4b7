"""Tests written into a YAML file of dbt: lines are put in, and none that is there changes.

The places come from a parse of the file. What it says afterwards is read again and compared with what it said, and
the tests: a file that would say anything else is not touched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlnomaly.dbt.nodes import Check, Node
from sqlnomaly.errors import MissingDriverError, SqlnomalyError

if TYPE_CHECKING:
    from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

PACKAGE = "sqlnomaly"
"""Where our tests come from."""
KEYS = ("data_tests", "tests")
"""What a list of tests is called."""
WIDE = 100
"""Characters of a line that a list may take."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_PLAIN = re.compile(r"[A-Za-z_][\w.]*")
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"}


class YamlError(SqlnomalyError):
    """A YAML file that tests cannot be written into without changing what else it says."""


@dataclass(slots=True)
class Document:
    """A file's text, and lines that are to be put in.

    Attributes:
        text: what it says now; empty for a file that is not there yet.
        path: what it is called.
    """

    text: str
    path: str
    _inserted: dict[int, list[str]] = field(default_factory=dict)
    _expected: Any = None
    _root: Any = None
    _shared: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Reads it.

        Raises:
            YamlError: if it is no YAML of dbt, or of a kind that lines cannot be put into.
        """
        self._expected = _load(self.text, self.path)
        self._root = _compose(self.text, self.path)
        if self._root is not None and (not _is_block(self._root, "mapping") or not isinstance(self._expected, dict)):
            raise YamlError(f"{self.path} is no mapping in block style", where=self.path)
        self._shared = _shared(self._root)

    def tests(self, node: Node) -> list[Check]:
        """The tests that the file gives to a relation."""
        entry = self._entry_data(node) or {}
        found = [(None, test) for key in KEYS for test in _elements_of(entry.get(key))]
        for column in _elements_of(entry.get("columns")):
            if isinstance(column, dict):
                found += [(column.get("name"), test) for key in KEYS for test in _elements_of(column.get(key))]
        return [_tested(test, column) for column, test in found]

    def add(self, node: Node, tests: Sequence[Check], *, nested: bool) -> None:
        """Puts tests of a relation in.

        Args:
            node: the relation.
            tests: what is new to it.
            nested: whether arguments stand under ``arguments``, as dbt 1.11 has it.

        Raises:
            YamlError: where the place is written in flow style, or is not there.
        """
        before = {line: [*texts] for line, texts in self._inserted.items()}
        try:
            self._add(node, tests, nested)
        except YamlError:
            self._inserted = before
            raise

    def _add(self, node: Node, tests: Sequence[Check], nested: bool) -> None:
        entry = self._entry(node)
        if entry is None:
            if node.source or node.described:
                raise YamlError(f"{self.path} does not describe {node.title}", where=self.path)
            self._add_entry(node, tests, nested)
            return
        own = [test for test in tests if test.column is None]
        if own:
            self._add_tests(entry, own, nested)
        columns: dict[str, list[Check]] = {}
        for test in tests:
            if test.column is not None:
                columns.setdefault(test.column, []).append(test)
        if columns:
            self._add_columns(entry, columns, nested)
        data = self._entry_data(node)
        assert data is not None, "a node has data"
        _apply(data, tests, nested)

    def result(self) -> str:
        """The text with what was put in.

        Raises:
            YamlError: if it would not say what it said, and the tests.
        """
        lines = _LINE.findall(self.text)  # splitlines ends lines at more than YAML does
        end = "\r\n" if "\r\n" in self.text else "\n"
        if lines and self._inserted and not lines[-1].endswith(("\n", "\r")):
            lines[-1] += end
        parts = []
        for at in range(len(lines) + 1):
            parts += [line + end for line in self._inserted.get(at, ())]
            parts += lines[at : at + 1]
        text = "".join(parts)
        try:
            same = _load(text, self.path) == self._expected
        except YamlError:
            same = False
        if not same:
            raise YamlError(f"{self.path} cannot be added to without changing what it says", where=self.path)
        return text

    def _insert(self, line: int, texts: Iterable[str]) -> None:
        self._inserted.setdefault(line, []).extend(texts)

    def _add_entry(self, node: Node, tests: Sequence[Check], nested: bool) -> None:
        """A model that no file describes: at the end of the models, or of the file."""
        data: dict[str, Any] = {"name": node.name}
        _apply(data, tests, nested)
        models = _value(self._root, "models") if self._root else None
        if models is None:
            start = [] if self._root is not None else ["version: 2", ""]
            blank = [""] if self._root is not None else []
            self._insert(len(_LINE.findall(self.text)), [*start, *blank, "models:", *_item(data, 2)])
            self._expected = {**(self._expected or {"version": 2}), "models": [data]}
            return
        if not _is_block(models, "sequence"):
            raise YamlError(f"the models of {self.path} are not in block style", where=self.path)
        self._insert(_last_line(models) + 1, ["", *_item(data, models.start_mark.column)])
        self._expected["models"].append(data)

    def _add_tests(self, entry: MappingNode, tests: Sequence[Check], nested: bool) -> None:
        """Tests in the list of an entry, or in a new list before its columns."""
        pair = next((pair for pair in entry.value if pair[0].value in KEYS), None)
        if pair is None:
            indent = entry.start_mark.column
            line = _before_columns(entry)
            self._insert(line, [f"{' ' * indent}data_tests:", *_items(tests, indent + 2, nested)])
        elif _is_empty(pair[1]):
            self._insert(pair[0].end_mark.line + 1, _items(tests, pair[0].start_mark.column + 2, nested))
        elif _is_block(pair[1], "sequence"):
            self._insert(_last_line(pair[1]) + 1, _items(tests, pair[1].start_mark.column, nested))
        else:
            raise YamlError(f"the tests of {_name(entry)} are not in block style", where=_where(self.path, pair[1]))

    def _add_columns(self, entry: MappingNode, columns: Mapping[str, list[Check]], nested: bool) -> None:
        """Tests of columns, and the columns that are not there yet."""
        listed = _value(entry, "columns")
        if listed is not None and not _is_empty(listed) and not _is_block(listed, "sequence"):
            raise YamlError(f"the columns of {_name(entry)} are not in block style", where=_where(self.path, listed))
        there = {} if listed is None or _is_empty(listed) else {_name(one).lower(): one for one in listed.value}
        new = []
        for name, tests in columns.items():
            found = there.get(name.lower())
            if found is None:
                new.append({"name": name, "data_tests": [_data(test, nested) for test in tests]})
            elif _is_block(found, "mapping"):
                self._add_tests(found, tests, nested)
            else:
                raise YamlError(f"the column {name} is not in block style", where=_where(self.path, found))
        if not new:
            return
        if there:
            assert listed is not None, "columns that are there stand in a list"
            line, indent = _last_line(listed) + 1, listed.start_mark.column
        elif listed is not None:
            key = next(key for key, value in entry.value if value is listed)
            line, indent = key.end_mark.line + 1, key.start_mark.column + 2
        else:
            line, indent = _last_line(entry) + 1, entry.start_mark.column + 2
            self._insert(line, [f"{' ' * (indent - 2)}columns:"])
        for column in new:
            self._insert(line, _item(column, indent))

    def _entry(self, node: Node) -> MappingNode | None:
        """The node of the file that describes a relation.

        Raises:
            YamlError: if it is there in flow style.
        """
        lists = [_value(self._root, "sources" if node.source else "models")] if self._root else [None]
        if node.source:
            lists = [
                _value(source, "tables") for source in _elements(lists[0]) if _name(source) == node.source
            ]
        found = next((one for among in lists for one in _elements(among) if _name(one) == node.name), None)
        if found is not None and not _is_block(found, "mapping"):
            raise YamlError(f"{node.title} is not in block style", where=_where(self.path, found))
        columns = _value(found, "columns")
        parts = [*lists, found, columns, *_elements(columns)]
        parts += [_value(part, key) for part in (found, *_elements(columns)) for key in KEYS]
        if any(id(part) in self._shared for part in parts):
            raise YamlError(f"{node.title} shares a part with another by an anchor", where=_where(self.path, found))
        return found

    def _entry_data(self, node: Node) -> dict[str, Any] | None:
        """The same as data."""
        data = self._expected or {}
        among = data.get("models")
        if node.source:
            sources = [one for one in _elements_of(data.get("sources")) if _data_name(one) == node.source]
            among = [table for source in sources for table in _elements_of(source.get("tables"))]
        return next((one for one in _elements_of(among) if _data_name(one) == node.name), None)


def _apply(entry: dict[str, Any], tests: Iterable[Check], nested: bool) -> None:
    """What an entry says when the tests are in it."""
    for test in tests:
        place = entry
        if test.column is not None:
            if entry.get("columns") is None:
                entry["columns"] = []
            names = [_data_name(column).lower() for column in entry["columns"]]
            if test.column.lower() not in names:
                entry["columns"].append({"name": test.column})
                names.append(test.column.lower())
            place = entry["columns"][names.index(test.column.lower())]
        key = next((key for key in KEYS if key in place), KEYS[0])
        place[key] = [*(place.get(key) or ()), _data(test, nested)]


def _data(test: Check, nested: bool) -> Any:
    """A test as YAML has it."""
    name = f"{PACKAGE}.{test.name}"
    if not test.arguments:
        return name
    return {name: {"arguments": dict(test.arguments)} if nested else dict(test.arguments)}


def _tested(data: Any, column: str | None) -> Check:
    """The test that YAML says, of whatever package."""
    if isinstance(data, str):
        return Check(data.rpartition(".")[2], column, {})
    if not isinstance(data, dict):
        return Check("", column, {})
    name = data.get("test_name") or next((key for key in data if key not in ("name", "config", "description")), "")
    said = data if "test_name" in data else data.get(name) or {}
    if not isinstance(said, dict):
        said = {}
    nested = said.get("arguments")
    arguments = {**said, **(nested if isinstance(nested, dict) else {})}
    return Check(str(name).rpartition(".")[2], column or arguments.get("column_name"), arguments)


def _items(tests: Iterable[Check], indent: int, nested: bool) -> list[str]:
    return [line for test in tests for line in _item(_data(test, nested), indent)]


def _item(data: Any, indent: int) -> list[str]:
    """One element of a list in block style."""
    lines = _block(data, indent + 2)
    return [f"{' ' * indent}- {lines[0].lstrip()}", *lines[1:]]


def _block(data: Any, indent: int) -> list[str]:
    """A value in block style; a list of scalars stands in one line, if that is short."""
    space = " " * indent
    if not isinstance(data, dict):
        return [space + _scalar(data)]
    lines = []
    for key, value in data.items():
        head = f"{space}{_scalar(key)}:"
        if isinstance(value, dict):
            lines += [head, *_block(value, indent + 2)]
        elif isinstance(value, list):
            line = f"{head} [{', '.join(map(_scalar, value))}]"
            short = len(line) <= WIDE and not any(isinstance(one, dict) for one in value)
            lines += [line] if short else [head, *(line for one in value for line in _item(one, indent + 2))]
        else:
            lines.append(f"{head} {_scalar(value)}")
    return lines


def _scalar(value: Any) -> str:
    """A scalar that YAML 1.1 and 1.2 both read as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    if '"' in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)


def _value(mapping: Any, key: str) -> Any:
    """The node under a key, or None."""
    if mapping is None or mapping.id != "mapping":
        return None
    return next((value for name, value in mapping.value if name.value == key), None)


def _elements(node: SequenceNode | ScalarNode | None) -> list[Any]:
    return list(node.value) if node is not None and node.id == "sequence" else []


def _elements_of(data: Any) -> list[Any]:
    return data if isinstance(data, list) else []


def _data_name(data: Any) -> str:
    return str(data.get("name", "")) if isinstance(data, dict) else ""


def _shared(root: Any) -> frozenset[int]:
    """The nodes that stand in several places, by anchors."""
    seen: set[int] = set()
    shared: set[int] = set()
    ahead = [root] if root is not None else []
    while ahead:
        node = ahead.pop()
        if id(node) in seen:
            shared.add(id(node))
            continue
        seen.add(id(node))
        if node.id == "mapping":
            ahead += [part for pair in node.value for part in pair]
        elif node.id == "sequence":
            ahead += node.value
    return frozenset(shared)


def _name(entry: Any) -> str:
    found = _value(entry, "name")
    return "" if found is None else str(found.value)


def _is_block(node: Any, kind: str) -> bool:
    return bool(node.id == kind and not node.flow_style)


def _is_empty(node: Any) -> bool:
    """Whether a key has nothing behind it."""
    return bool(node.id == "scalar" and node.start_mark.index == node.end_mark.index)


def _before_columns(entry: MappingNode) -> int:
    """The line before an entry's columns, or behind all of it."""
    for at, (key, _) in enumerate(entry.value):
        if key.value == "columns" and at > 0:
            return _last_line(entry.value[at - 1][1], entry.value[at - 1][0]) + 1
    return _last_line(entry) + 1


def _last_line(node: Any, key: Any = None) -> int:
    """The last line that something of a node stands on; comments behind it are not of it."""
    if key is not None and node.start_mark.index < key.start_mark.index:  # an alias of what stands before
        return int(key.end_mark.line)
    if node.id == "mapping" and node.value and not node.flow_style:
        return max(_last_line(value, name) for name, value in node.value)
    if node.id == "sequence" and node.value and not node.flow_style:
        return max(map(_last_line, node.value))
    if key is not None and _is_empty(node):
        return int(key.end_mark.line)
    line = int(node.end_mark.line)
    if node.id == "scalar" and node.style in ("|", ">") and node.end_mark.column == 0:  # it ends behind blank lines
        texts = _LINE.findall(node.end_mark.buffer)
        line -= 1
        while not texts[line].strip():
            line -= 1
    return line


def _where(path: str, node: Any) -> str:
    return f"{path}, line {node.start_mark.line + 1}"


def _load(text: str, path: str) -> Any:
    """What a text says.

    Raises:
        YamlError: if it is not YAML.
        MissingDriverError: without ruamel.yaml.
    """
    yaml, errors = _parser()
    try:
        return yaml.load(text)
    except errors as error:
        raise YamlError(f"{path} is not YAML: {' '.join(str(error).split())}", where=path) from None


def _compose(text: str, path: str) -> Any:
    """Its nodes, which know where they stand; None for an empty one."""
    yaml, errors = _parser()
    try:
        return yaml.compose(text)
    except errors as error:
        raise YamlError(f"{path} is not YAML: {' '.join(str(error).split())}", where=path) from None


def _parser() -> tuple[Any, type[Exception]]:
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError
    except ImportError:
        raise MissingDriverError.named("ruamel.yaml", "dbt") from None
    return YAML(typ="safe", pure=True), YAMLError
