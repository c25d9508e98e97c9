"""A queryset written once: the same rows as every time anew, and nothing of one call in another."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bawaslu_cases.accounts.models import ApiToken, User
from bawaslu_cases.registry.models import Region
from bawaslu_cases.shared.prepared import Prepared
from tests.factories import office
from tests.support.api_clients import api_client

pytestmark = pytest.mark.django_db
BETWEEN = 7_300_000_000_000_000_000
"""Which of the two stand-ins a builder is called with tells on which side of this its value lies."""


def rows(parent, kind):
    return Region.objects.select_related("parent").filter(parent=parent, kind=kind).order_by("code")


def test_rows_are_those_of_the_queryset_attribute_by_attribute(django_assert_num_queries):
    kept = Prepared(rows)
    java, bali = Region.objects.get(code="33"), Region.objects.get(code="51")

    for parent in (java, bali):
        with django_assert_num_queries(1):
            found = kept.rows(parent=parent.pk, kind="KABUPATEN")
            assert {each.parent for each in found} == {parent}
        assert [vars(each) | {"_state": 0} for each in found] == [
            vars(each) | {"_state": 0} for each in rows(parent.pk, "KABUPATEN")
        ]
        assert found
    assert kept.rows(parent=java.pk, kind="PROVINCE") == []


def test_moments_and_equal_values_keep_their_places():
    client = api_client(office("33")).client
    kept = Prepared[ApiToken](
        lambda one, other, at: ApiToken.objects.filter(
            application=one, expires__gt=at, application__user__office=other
        )
    )

    now, unit = timezone.now(), client.user.office_id
    assert len(kept.rows(one=client.pk, other=unit, at=now)) == 1
    assert kept.rows(one=client.pk, other=unit + 10**9, at=now) == []
    assert kept.rows(one=client.pk + 10**9, other=unit, at=now) == []
    assert kept.rows(one=client.pk, other=unit, at=now + timedelta(days=1)) == []


@pytest.mark.parametrize(
    "build",
    [
        lambda key: Region.objects.filter(pk=key)[: 1 if key > BETWEEN else 2],
        lambda key: Region.objects.filter(pk=key + 1),
        lambda key: User.objects.filter(pk=key) if key > BETWEEN else Region.objects.all(),
    ],
)
def test_what_no_value_explains_is_refused(build):
    with pytest.raises(RuntimeError):
        Prepared(build).rows(key=1)


def test_values_that_have_no_stand_in_are_refused():
    with pytest.raises(TypeError):
        Prepared(lambda key: Region.objects.filter(pk__in=key)).rows(key=[1])
