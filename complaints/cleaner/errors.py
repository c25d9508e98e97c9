"""What the cleaner answers instead of a copy."""


class RefusalError(Exception):
    """The file is not of an accepted kind, or not whole. ``code`` is one of REFUSALS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class FailureError(Exception):
    """The cleaner itself could not do its work. ``code`` is one of FAILURES."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


REFUSALS = (
    "empty",  # no byte
    "unknown",  # none of the accepted kinds
    "picture",  # a kind of picture that is not accepted: GIF, BMP, TIFF, SVG …
    "markup",  # HTML, XML, SVG, MHTML
    "mail",  # a saved message
    "office",  # Word, Excel, PowerPoint, OpenDocument, RTF
    "archive",  # ZIP, RAR, 7z …
    "program",  # something that runs
    "password",  # a PDF that asks for one
    "damaged",  # of an accepted kind, but it does not decode
    "too_large",  # more bytes than the kind may have
    "too_many_pixels",
    "too_many_pages",
    "too_long",  # more seconds than the kind may have
)
FAILURES = (
    "memory",  # it asked for more than it may have
    "time",  # processor or wall-clock time ran out
    "output",  # the copy grew beyond its limit
    "crashed",  # a decoder died, or was killed
    "answer",  # what it said back makes no sense
    "unavailable",  # there is no sandbox on this machine; nothing was tried
)
