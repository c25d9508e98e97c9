"""Whoever a session names is read at once, with what every page asks of a person."""

import pytest
from allauth.mfa.models import Authenticator

from bawaslu_cases.accounts.backends import (
    AtOnce,
    PasswordBackend,
    StaffBackend,
    has_second_factor,
)
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from tests.factories import person

pytestmark = pytest.mark.django_db
BACKENDS = (PasswordBackend, StaffBackend)


def signed_in(user: User, backend: type[AtOnce] = PasswordBackend) -> User:
    found = backend().get_user(str(user.pk))
    assert found is not None
    return found


@pytest.mark.parametrize("backend", BACKENDS)
def test_unit_roles_and_second_factor_come_with_the_person(backend, django_assert_num_queries):
    sari = person("sari")
    roles, office = sari.roles, sari.office
    with django_assert_num_queries(1):
        found = signed_in(sari, backend)
        assert (found, found.office, found.roles) == (sari, office, roles)
        assert found.has_role(Role.CASE_OFFICER)
        assert not has_second_factor(found)


def test_a_second_factor_is_seen_with_the_next_page(django_assert_num_queries):
    sari = person("sari")
    Authenticator.objects.create(user=sari, type=Authenticator.Type.TOTP, data={"secret": "x"})
    with django_assert_num_queries(1):
        assert has_second_factor(signed_in(sari))
    # Nobody read this one through a session: it is asked.
    with django_assert_num_queries(1):
        assert has_second_factor(sari)


def test_a_role_that_went_is_gone_with_the_next_page():
    sari = person("sari")
    assert signed_in(sari).roles
    sari.role_grants.all().delete()
    assert signed_in(sari).roles == frozenset()


@pytest.mark.parametrize("backend", BACKENDS)
def test_nobody_comes_back_for_who_is_shut_out_unknown_or_a_service(backend):
    sari = person("sari")
    assert backend().get_user(sari.pk + 1_000_000) is None
    User.objects.filter(pk=sari.pk).update(is_active=False)
    assert backend().get_user(sari.pk) is None
    joko = person("joko")
    User.objects.filter(pk=joko.pk).update(is_service=True)
    assert backend().get_user(joko.pk) is None


def test_a_person_without_an_office_has_none():
    putu = person("putu")
    assert putu.office_id is None
    assert signed_in(putu).office is None
