"""Querysets written once: rows as the ORM makes them, for whoever asks and never for somebody else."""

from uuid import uuid4

import pytest
from django.db.models import Value

from bawaslu_cases.accounts.models import User
from complaints.models import Complaint
from complaints.selectors import kept
from complaints.selectors.case_file import complaint_file, complaint_files
from complaints.selectors.desk import newest
from complaints.selectors.filters import Asker
from complaints.selectors.kept import kept_rows
from tests.factories import AT, person, tip

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    monkeypatch.setattr(kept, "_KEPT", {})


def same(one: Complaint, other: Complaint) -> bool:
    """Compare what was loaded, related rows by their key."""
    ignored = {"_state"}
    left, right = (
        {name: value for name, value in vars(row).items() if name not in ignored}
        for row in (one, other)
    )
    caches = [row._state.fields_cache for row in (one, other)]
    return left == right and caches[0] == caches[1]


def test_rows_are_the_same_as_those_of_the_queryset(django_assert_num_queries):
    first, second = tip(), tip()
    sari = person("sari")
    assert sari.scope_office_ids
    for row in (first, second):
        fresh = complaint_files().visible_to(sari).get(pk=row.pk)
        with django_assert_num_queries(1):
            found = complaint_file(public_id=row.public_id, viewer=sari)
            assert found is not None
            assert found.office.time_zone
            assert found.region.name
        assert same(found, fresh)
        assert found.pk == row.pk
    assert len(kept._KEPT) == 1


def test_one_statement_serves_everybody_of_a_shape_with_their_own_scope():
    row = tip()
    sari, joko, budi = person("sari"), person("joko"), person("budi")
    assert budi.scope_office_ids != sari.scope_office_ids

    assert [found.pk for found in newest(user=sari)] == [row.pk]
    assert [found.pk for found in newest(user=joko)] == [row.pk]
    assert newest(user=budi) == []
    assert newest(user=person("tono")) == []
    assert complaint_file(public_id=row.public_id, viewer=budi) is None
    assert complaint_file(public_id=uuid4(), viewer=sari) is None

    # People of offices with as many units below are one shape.
    before = len(kept._KEPT)
    User.objects.filter(pk=joko.pk).update(office=budi.office)
    joko = User.objects.get(pk=joko.pk)
    assert newest(user=joko) == []
    assert len(kept._KEPT) == before


@pytest.mark.parametrize("asked", ["date_joined", "email", "is_active"])
def test_a_builder_cannot_ask_the_person_for_more(asked):
    def build(asker: Asker):
        return Complaint.objects.annotate(told=Value(str(getattr(asker.user, asked))))

    with pytest.raises(User.DoesNotExist):
        kept_rows("test", build, Asker(person("sari"), AT))
    assert not kept._KEPT


def test_what_differs_without_a_slot_is_refused():
    def build(asker: Asker):
        return Complaint.objects.filter(pk__gt=(asker.user.office_id or 0) + 1)

    with pytest.raises(RuntimeError, match="has no slot"):
        kept_rows("test", build, Asker(person("sari"), AT))
    assert not kept._KEPT


def test_a_statement_that_changes_with_the_moment_is_refused():
    def build(asker: Asker):
        rows = Complaint.objects.all()
        return rows.order_by("pk") if asker.at.year > 3000 else rows

    with pytest.raises(RuntimeError, match="changes with who asks"):
        kept_rows("test", build, Asker(person("sari"), AT))
