"""The real sandbox, never a stand-in: where it cannot be built, these tests are skipped, but not in CI."""

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from complaints.cleaner.facts import Facts
from complaints.gateways import sandbox


@dataclass(frozen=True)
class Cleaned:
    """What was made of a file, taken out of the sandbox's memory."""

    facts: Facts
    main: bytes
    others: tuple[bytes, ...]

    @property
    def everything(self) -> bytes:
        return b"\n".join((self.main, *self.others))


Clean = Callable[[bytes], Cleaned]


@pytest.fixture(scope="session", autouse=True)
def _sandbox() -> None:
    trouble = sandbox.trouble()
    if trouble and not os.environ.get("CI"):
        pytest.skip(f"no sandbox on this machine: {trouble}")
    assert trouble == ""


@pytest.fixture
def clean() -> Clean:
    """Return a function that has a copy made; it raises what the sandbox raises."""

    def made(content: bytes) -> Cleaned:
        with sandbox.clean([content], size=len(content)) as cleaned:
            contents = []
            for part in cleaned.facts.parts:
                with cleaned.open(part) as stream:
                    contents.append(stream.read())
            return Cleaned(cleaned.facts, contents[0], tuple(contents[1:]))

    return made


@pytest.fixture
def refused(clean: Clean) -> Callable[[bytes], str]:
    """Return a function that gives the code of a refusal."""

    def code(content: bytes) -> str:
        with pytest.raises(sandbox.RefusedFileError) as caught:
            clean(content)
        return caught.value.code

    return code
