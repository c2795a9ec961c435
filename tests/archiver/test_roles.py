"""Whose address is whose."""

from __future__ import annotations

import pytest

from archiver.model import Role
from archiver.roles import AddressBook

BOOK = AddressBook.of(
    school=["School.example", "therapist@agency.example"],
    provider=["dr@clinic.example"],
    parent=["mum@mail.example", "works@school.example"],
    privileged=["law.example", "advocate@school.example"],
)


@pytest.mark.parametrize(
    ("address", "role"),
    [
        ("a@school.example", Role.SCHOOL),
        ("A@MAIL.SCHOOL.EXAMPLE", Role.SCHOOL),
        ("a@notschool.example", Role.OTHER),
        ("a@school.example.evil.example", Role.OTHER),
        ("therapist@agency.example", Role.SCHOOL),
        ("other@agency.example", Role.OTHER),
        ("dr@clinic.example", Role.PROVIDER),
        ("partner@law.example", Role.PRIVILEGED),
        ("advocate@school.example", Role.PRIVILEGED),
        ("works@school.example", Role.PARENT),
        ("", Role.OTHER),
    ],
)
def test_a_domain_stands_for_its_subdomains_and_the_most_protective_role_wins(
    address: str, role: Role
) -> None:
    assert BOOK.role_of(address) is role
