"""The proof of work of a form: what the page shows, what came back. See ``services.proof_of_work``."""

from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from complaints.services.guessing import puzzle_for, question_for
from complaints.services.proof_of_work import Proof, Purpose, Puzzle, Question


@dataclass(frozen=True)
class ProofAsked:
    """For ``components/proof.html``: a puzzle that JavaScript solves unasked, a question when it must."""

    puzzle: Puzzle
    question: Question | None


def proof_asked(purpose: Purpose, *, must: bool, at: datetime) -> ProofAsked:
    """Return what a page carries along; ``must`` after a try that needed a proof and had none.

    The puzzle is always there, so that whoever has JavaScript never meets the question: it is solved
    while the page is read.
    """
    question = question_for(purpose=purpose, at=at) if must else None
    return ProofAsked(puzzle_for(purpose=purpose, at=at), question)


def proof_of(posted: QueryDict) -> Proof:
    """Return the proof that came with a form."""
    return Proof(
        puzzle=posted.get("puzzle", ""),
        question=posted.get("question", ""),
        answer=posted.get("answer", ""),
    )
