"""The letters of this app: ``.typ`` templates here, filled with data, never with markup."""

from referrals.letters.recommendation import (
    TEMPLATE,
    letter_data,
    letter_words,
    recommendation_letter,
)

__all__ = ["TEMPLATE", "letter_data", "letter_words", "recommendation_letter"]
