"""Pages of officers, reviewers, PPK staff and the public figures."""
