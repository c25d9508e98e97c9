"""Solving puzzles and sums as a reporter's device and a reporter do."""

import base64
import hashlib
import json
import re
from typing import Any

from complaints.services.proof_of_work import NUMBERS, Proof, Puzzle, Question


def solved(puzzle: Puzzle, **changes: Any) -> Proof:
    """Return the proof of a puzzle; ``changes`` spoil it."""
    number = next(
        number
        for number in range(puzzle.most + 1)
        if hashlib.sha256(f"{puzzle.salt}{number}".encode()).hexdigest() == puzzle.challenge
    )
    told = {
        "algorithm": "SHA-256",
        "challenge": puzzle.challenge,
        "number": number,
        "salt": puzzle.salt,
        "signature": puzzle.signature,
    } | changes
    return Proof(puzzle=base64.b64encode(json.dumps(told).encode()).decode())


def answered(question: Question) -> Proof:
    """Return the proof of a question, read as a person reads it."""
    words = re.fullmatch(r"Berapa (.+) ditambah (.+)\? Tulis dengan angka\.", question.text)
    assert words is not None
    numbers = [str(number) for number in NUMBERS]
    total = sum(numbers.index(word) + 1 for word in words.groups())
    return Proof(question=question.token, answer=str(total))
