"""The identity vault: what a reporter says of himself, sealed so that no single person opens it."""
