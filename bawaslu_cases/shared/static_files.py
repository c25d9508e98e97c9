"""Static files under names that carry a digest of their content, so browsers keep them for ever."""

from django.contrib.staticfiles.storage import HashedFilesMixin, ManifestStaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

_IMPORTS = (
    (
        r"""(?P<matched>\b(?P<word>from|import)\s*["'](?P<url>\.{1,2}/[^"']+)["'])""",
        """%(word)s "%(url)s\"""",
    ),
)
# What a module imports is rewritten to the name with the digest too: a module that kept its plain
# address would be asked for again on every page, and could be of another release than its importer.
_PATTERNS = (*HashedFilesMixin.patterns, ("*.js", _IMPORTS), ("*.mjs", _IMPORTS))


class UncompressedStaticFilesStorage(ManifestStaticFilesStorage):
    """The same names without compression, for a demo on a laptop."""

    patterns = _PATTERNS


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Remembers each file's address: a page of fifty icons asks for one address fifty times.

    Addresses change only with ``collectstatic``, and that means new processes.
    """

    patterns = _PATTERNS

    def url(self, name: str | None, force: bool = False) -> str:  # noqa: FBT001, FBT002 -- Django's signature
        """Return the address of a file; worked out once a process."""
        known: dict[tuple[str | None, bool], str] = self.__dict__.setdefault("_addresses", {})
        key = (name, force)
        if key not in known:
            known[key] = super().url(name, force)
        return known[key]
