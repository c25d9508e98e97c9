"""One line of an explanation: what, by which article, and how sure we are of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence with its article; ``confidence`` is a ``Confidence`` value or empty where it is a fact."""

    text: str
    article: str = ""
    confidence: str = ""

    @property
    def stored(self) -> list[str]:
        """The line as a record keeps it."""
        return [self.text, self.article, self.confidence]
