"""How much one record takes from its reporter on one day, and that its order stays."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from bawaslu_cases.shared.errors import DomainError
from complaints.models import Complaint, Message
from complaints.services.checkins import Safety, check_in
from complaints.services.messages import A_DAY, delete_message, send_to_desk, send_to_reporter
from tests.factories import AT, person, tip

KIND = Message.Kind


def write(complaint: Complaint, times: int, kind: Message.Kind = KIND.MESSAGE) -> None:
    for n in range(times):
        send_to_desk(complaint=complaint, text=f"Pesan {n}", at=AT, kind=kind)


@pytest.mark.django_db
def test_a_days_number_is_refused_beyond_and_each_kind_has_its_own():
    complaint, other = tip(), tip()
    write(complaint, A_DAY[KIND.MESSAGE])

    with pytest.raises(DomainError) as refused:
        send_to_desk(complaint=complaint, text="Satu lagi", at=AT)
    assert "10 kali" in str(refused.value.message)
    assert complaint.messages.count() == 10

    check_in(complaint=complaint, safety=Safety.RETALIATION, text="Saya dipindah", at=AT)
    send_to_desk(complaint=complaint, text="Jawaban", at=AT, kind=KIND.REPAIR_ANSWER)
    send_to_desk(complaint=other, text="Orang lain", at=AT)
    send_to_desk(complaint=complaint, text="Besoknya", at=AT + timedelta(days=1))


@pytest.mark.django_db
def test_deleting_one_makes_room_and_answers_to_the_desk_have_no_number():
    complaint = tip()
    write(complaint, 12, KIND.REPAIR_ANSWER)
    write(complaint, A_DAY[KIND.MESSAGE])
    own = complaint.messages.filter(kind=KIND.MESSAGE)[0]

    assert delete_message(complaint=complaint, public_id=own.public_id)
    write(complaint, 1)
    with pytest.raises(DomainError):
        write(complaint, 1)


@pytest.mark.django_db
def test_both_sides_messages_stay_in_their_order():
    complaint, sari = tip(), person("sari")
    sent = []
    for n in range(6):
        at = AT + timedelta(days=n // 4)
        if n % 2:
            made = send_to_reporter(complaint=complaint, officer=sari, text=str(n), at=at)
        else:
            made = send_to_desk(complaint=complaint, text=str(n), at=at)
        sent.append(made.public_id)

    assert [row.public_id for row in complaint.messages.all()] == sent


@pytest.mark.django_db(transaction=True)
def test_many_windows_at_once_pass_no_more():
    complaint = tip()
    write(complaint, A_DAY[KIND.MESSAGE] - 2)
    start_together = Barrier(6)

    def send(number: int) -> bool:
        start_together.wait()
        try:
            send_to_desk(complaint=complaint, text=str(number), at=AT)
        except DomainError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(6) as pool:
        passed = list(pool.map(send, range(6)))

    assert sum(passed) == 2
    assert complaint.messages.count() == A_DAY[KIND.MESSAGE]
