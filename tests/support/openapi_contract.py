"""Says which changes of the API's document break a client that was written for the released one.

``python -m tests.support.openapi_contract`` compares ``docs/openapi-released.yml`` with
``docs/openapi.yml`` and ends with 1 when something breaks, or when the document differs and
``docs/api-changelog.md`` has no entry for its version. Read from an office's side: what it sends must
stay taken, what it reads must stay there.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
RELEASED, PRESENT = ROOT / "docs/openapi-released.yml", ROOT / "docs/openapi.yml"
CHANGELOG = ROOT / "docs/api-changelog.md"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
JSON = "application/json"


class Contract:
    """Two documents side by side."""

    def __init__(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        self._old, self._new = old, new

    def broken(self) -> list[str]:
        """Return a line for each thing that breaks; empty when nothing does."""
        return list(self._paths())

    def _paths(self) -> Iterator[str]:
        for path, was in self._old["paths"].items():
            now = self._new["paths"].get(path, {})
            for method in METHODS:
                if method in was and method not in now:
                    yield f"{method.upper()} {path}: gone"
                elif method in was:
                    for line in self._operation(was[method], now[method]):
                        yield f"{method.upper()} {path}: {line}"

    def _operation(self, was: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
        yield from self._parameters(was, now)
        yield from self._body(was.get("requestBody"), now.get("requestBody"))
        more = _scopes(now) - _scopes(was)
        if more:
            yield f"needs more rights: {', '.join(sorted(more))}"
        for status, answer in was["responses"].items():
            if not status.startswith("2"):
                continue
            if status not in now["responses"]:
                yield f"no longer answers {status}"
                continue
            before, after = _content(answer), _content(now["responses"][status])
            if before is not None and after is None:
                yield f"{status} has no JSON any more"
            elif before is not None:
                yield from self._read(before, after, f"{status}", ())

    def _parameters(self, was: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
        before = {(each["in"], each["name"]): each for each in was.get("parameters", [])}
        after = {(each["in"], each["name"]): each for each in now.get("parameters", [])}
        for place, name in before.keys() - after.keys():
            yield f"parameter {name} ({place}) is gone"
        for key, each in after.items():
            needed = each.get("required") and not before.get(key, {}).get("required")
            if needed:
                yield f"parameter {key[1]} ({key[0]}) is needed now"
            if key in before:
                yield from self._sent(before[key]["schema"], each["schema"], key[1], ())

    def _body(self, was: dict[str, Any] | None, now: dict[str, Any] | None) -> Iterator[str]:
        if now and now.get("required") and not (was and was.get("required")):
            yield "a body is needed now"
        if was and not now:
            yield "takes no body any more"
        before, after = _content(was or {}), _content(now or {})
        if before is not None and after is not None:
            yield from self._sent(before, after, "body", ())

    def _sent(self, was: Any, now: Any, at: str, seen: tuple[str, ...]) -> Iterator[str]:
        """What a client sends: nothing that was taken may be refused."""
        was, now, seen = self._meant(was, now, seen)
        if was is None:
            return
        if _types(was) - _types(now):
            yield f"{at} takes {'/'.join(sorted(_types(now)))} and took {'/'.join(sorted(_types(was)))}"
            return
        lost = set(was.get("enum", [])) - set(now.get("enum", was.get("enum", [])))
        if lost or ("enum" in now and "enum" not in was):
            yield f"{at} no longer takes {', '.join(sorted(map(str, lost))) or 'any value'}"
        for limit, is_worse in (("maxLength", int.__lt__), ("maxItems", int.__lt__)):
            if limit in now and (limit not in was or is_worse(now[limit], was[limit])):
                yield f"{at}: {limit} is {now[limit]}"
        before, after = was.get("properties", {}), now.get("properties", {})
        for name in before.keys() - after.keys():
            yield f"{at}.{name} is refused now"
        for name in set(now.get("required", [])) - set(was.get("required", [])):
            yield f"{at}.{name} is needed now"
        for name in before.keys() & after.keys():
            yield from self._sent(before[name], after[name], f"{at}.{name}", seen)
        if "items" in was and "items" in now:
            yield from self._sent(was["items"], now["items"], f"{at}[]", seen)

    def _read(self, was: Any, now: Any, at: str, seen: tuple[str, ...]) -> Iterator[str]:
        """What a client reads: nothing that was there may be missing or of another kind."""
        was, now, seen = self._meant(was, now, seen)
        if was is None:
            return
        if _types(now) - _types(was):
            yield f"{at} is {'/'.join(sorted(_types(now)))} and was {'/'.join(sorted(_types(was)))}"
            return
        before, after = was.get("properties", {}), now.get("properties", {})
        for name in before.keys() - after.keys():
            yield f"{at}.{name} is gone"
        for name in set(was.get("required", [])) - set(now.get("required", [])):
            if name in after:
                yield f"{at}.{name} may be missing now"
        for name in before.keys() & after.keys():
            yield from self._read(before[name], after[name], f"{at}.{name}", seen)
        if "items" in was and "items" in now:
            yield from self._read(was["items"], now["items"], f"{at}[]", seen)

    def _meant(self, was: Any, now: Any, seen: tuple[str, ...]) -> tuple[Any, Any, tuple[str, ...]]:
        """Return both schemas with their references followed; None where they were compared above."""
        name = was.get("$ref", "")
        if name and name in seen:
            return None, None, seen
        return _followed(was, self._old), _followed(now, self._new), (*seen, name)


def _followed(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if len(schema.get("allOf", [])) == 1:
        return _followed(schema["allOf"][0], document)
    for word in ("oneOf", "anyOf"):
        if word in schema:
            kinds = [_followed(each, document) for each in schema[word]]
            values = [value for each in kinds for value in each.get("enum", [])]
            merged = {"type": sorted({name for each in kinds for name in _types(each)})}
            return merged | ({"enum": values} if values else {})
    return schema


def _types(schema: dict[str, Any]) -> set[str]:
    told = schema.get("type", [])
    return {told} if isinstance(told, str) else set(told)


def _content(part: dict[str, Any]) -> dict[str, Any] | None:
    schema: dict[str, Any] | None = part.get("content", {}).get(JSON, {}).get("schema")
    return schema


def _scopes(operation: dict[str, Any]) -> set[str]:
    ways = operation.get("security") or [{}]
    if {} in ways:
        return set()
    return {scope for way in ways for scopes in way.values() for scope in scopes}


def main() -> int:
    """Compare and print; 0 when a client of the release is served as before."""
    old, new = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in (RELEASED, PRESENT))
    lines = Contract(old, new).broken()
    for line in lines:
        print(f"breaks clients: {line}")
    version = new["info"]["version"]
    if old != new and f"## {version}" not in CHANGELOG.read_text(encoding="utf-8"):
        lines.append(version)
        print(f"docs/api-changelog.md says nothing of {version}")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
