"""The operations of the API as its committed document tells them: what the page for trying out shows."""

import json
import shlex
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

import yaml

from bawaslu_cases.accounts.api.document import FILE
from bawaslu_cases.accounts.api.examples import (
    FORM,
    JSON,
    PARAMETERS,
    SOME_ID,
    example_of,
    is_problem,
)

NOT_TRIED: Final = frozenset({"token", "revoke", "answer_referral"})
"""What takes a secret or another party's signature: shown as a command, not sent from a page."""


@dataclass(frozen=True)
class Parameter:
    """One thing that stands in the address or in a header."""

    name: str
    place: str
    is_needed: bool
    text: str
    example: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """One way it answers; ``body`` is an example of it, "" where there is none."""

    status: str
    text: str
    body: str


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    name: str
    method: str
    path: str
    group: str
    text: str
    scopes: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    body: str
    body_kind: str
    answers: tuple[Answer, ...]

    @property
    def slug(self) -> str:
        """The name as it stands in an address."""
        return self.name.replace("_", "-")

    @property
    def takes_token(self) -> bool:
        """Say whether it asks who calls."""
        return bool(self.scopes) or self.name in _ANY_TOKEN

    @property
    def may_be_sent(self) -> bool:
        """Say whether a page can send it: text or nothing as a body, and a token at most."""
        return self.name not in NOT_TRIED and self.body_kind in {"", JSON}

    @property
    def bare_answers(self) -> list[Answer]:
        """Answers without an example, those of one meaning together."""
        by_text: dict[str, list[str]] = {}
        for each in self.answers:
            if not each.body:
                by_text.setdefault(each.text, []).append(each.status)
        return [Answer(", ".join(sorted(codes)), text, "") for text, codes in by_text.items()]

    @property
    def curl(self) -> str:
        """The command that does the same, for a shell with SERVER and token (docs/api.md, quick start)."""
        filled = [each for each in self.parameters if each.is_needed]
        path = self.path
        for each in filled:
            if each.place == "path":
                path = path.replace(f"{{{each.name}}}", each.example)
        query = urlencode({each.name: each.example for each in filled if each.place == "query"})
        address = path + (f"?{query}" if query else "")
        lines = [f"curl -sS -X {self.method}"] if self.method != "GET" else ["curl -sS"]
        if self.takes_token:
            lines.append('-H "Authorization: Bearer $token"')
        lines += [
            f"-H {quoted(f'{each.name}: {each.example}')}"
            for each in filled
            if each.place == "header"
        ]
        if self.body_kind:
            lines.append(f"-H {quoted(f'Content-Type: {self.body_kind}')}")
            lines.append(self._data)
        return " \\\n  ".join([*lines, f'"$SERVER{address}"'])

    @property
    def _data(self) -> str:
        if self.body_kind == FORM:
            return " ".join(f"-d {quoted(each)}" for each in self.body.split("&"))
        if self.body_kind == JSON:
            return f"--data-binary {quoted(self.body)}"
        return "--data-binary @bagian"


_ANY_TOKEN: Final = frozenset({"me", "calls", "list_changes"})
"""What every client may, whatever its scopes."""


def quoted(text: str) -> str:
    """Return a text as one word of a shell, always between single quotes."""
    word = shlex.quote(text)
    return word if word.startswith("'") else f"'{word}'"


@cache
def operations() -> dict[str, Operation]:
    """Return all operations by slug, in the document's order of groups. Read once a process."""
    document = yaml.load(FILE.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 -- both are safe loaders
    schemas = document["components"]["schemas"]
    found = [
        _operation(path, method, told, schemas)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]
    groups = list(dict.fromkeys(each.group for each in found))
    return {each.slug: each for each in sorted(found, key=lambda each: groups.index(each.group))}


def _operation(path: str, method: str, told: dict[str, Any], schemas: dict[str, Any]) -> Operation:
    contents = told.get("requestBody", {}).get("content", {})
    kind, content = next(iter(contents.items()), ("", {}))
    return Operation(
        name=told["operationId"],
        method=method.upper(),
        path=path,
        group=told["tags"][0],
        text=_plain(told),
        scopes=tuple(
            scope for way in told.get("security", ()) for scopes in way.values() for scope in scopes
        ),
        parameters=tuple(_parameter(each) for each in told.get("parameters", ())),
        body=_body(kind, content),
        body_kind=kind,
        answers=tuple(_answer(status, each, schemas) for status, each in told["responses"].items()),
    )


def _parameter(told: dict[str, Any]) -> Parameter:
    schema = told["schema"]
    is_needed = told.get("required", False)
    example = PARAMETERS.get(told["name"], SOME_ID if schema.get("format") == "uuid" else "")
    return Parameter(
        name=told["name"],
        place=told["in"],
        is_needed=is_needed,
        text=_plain(told),
        example=example if is_needed else "",
        choices=tuple(str(each) for each in schema.get("enum", ())),
    )


def _plain(told: dict[str, Any]) -> str:
    """Return what the document says, without its marks for code."""
    text: str = told.get("description", "")
    return text.replace("`", "")


def _body(kind: str, content: dict[str, Any]) -> str:
    example = content.get("example")
    if example is None:
        return ""
    if kind == FORM:
        return urlencode(example)
    return json.dumps(example, indent=2, ensure_ascii=False)


def _answer(status: str, told: dict[str, Any], schemas: dict[str, Any]) -> Answer:
    contents = told.get("content", {})
    body = ""
    if contents and not is_problem(contents):
        content = next(iter(contents.values()))
        body = json.dumps(example_of(content["schema"], schemas), indent=2, ensure_ascii=False)
    return Answer(status=status, text=_plain(told), body=body)
