"""Links that meet: what a pasted link names, cleaned of who shared it. Knows no framework."""

from complaints.links.comparing import Same, same_post
from complaints.links.link import (
    MAX_LENGTH,
    Kind,
    Link,
    LinkRefusedError,
    Platform,
    Refusal,
    Why,
)
from complaints.links.reading import read_link

__all__ = [
    "MAX_LENGTH",
    "Kind",
    "Link",
    "LinkRefusedError",
    "Platform",
    "Refusal",
    "Same",
    "Why",
    "read_link",
    "same_post",
]
