"""Reads: nouns."""
