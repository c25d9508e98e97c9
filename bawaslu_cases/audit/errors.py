"""What the log may answer instead of an entry."""


class AuditUnavailableError(Exception):
    """The entry could not be written, so what it would have told about must not happen.

    Not a refusal of the domain: no form shows it. One middleware turns it into 503.
    """
