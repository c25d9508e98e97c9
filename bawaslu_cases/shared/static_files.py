"""Static files under names that carry a digest of their content, so browsers keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Remembers each file's address: a page of fifty icons asks for one address fifty times.

    Addresses change only with ``collectstatic``, and that means new processes.
    """

    def url(self, name: str | None, force: bool = False) -> str:  # noqa: FBT001, FBT002 -- Django's signature
        """Return the address of a file; worked out once a process."""
        known: dict[tuple[str | None, bool], str] = self.__dict__.setdefault("_addresses", {})
        key = (name, force)
        if key not in known:
            known[key] = super().url(name, force)
        return known[key]
