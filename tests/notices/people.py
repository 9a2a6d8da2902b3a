"""People who can be reached, for tests of notices."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from sangkien.initiatives.inputs import AuthorInput
from sangkien.people.categories import Category
from sangkien.people.models import Person
from tests.factories import make_person


def with_mail(person: Person, email: str = "", *, verified: bool = True) -> Person:
    """Give somebody an address."""
    person.email = email or f"{person.username}@example.vn"
    person.save()
    EmailAddress.objects.create(user=person, email=person.email, verified=verified, primary=True)
    return person


def with_phone(person: Person, phone: str = "+84912345678", *, verified: bool = True) -> Person:
    """Give somebody a mobile number."""
    person.phone, person.phone_verified = phone, verified
    person.save()
    return person


def make_reader(username: str | None = None, language: str = "en", **fields: object) -> Person:
    """Make somebody with a confirmed address who is written to in English."""
    return with_mail(make_person(username, language=language, **fields))


def authors_of(*others: Person | str) -> list[AuthorInput]:
    """Return a principal author, and others: people with an account, or contacts without one."""
    share = 100 // (len(others) + 1)
    first = AuthorInput("Trần Thị Hoa", Category.ENTERPRISE_WORKER, 100 - share * len(others))
    return [
        first,
        *(
            AuthorInput("Đồng tác giả", Category.ENTERPRISE_WORKER, share, contact=other)
            if isinstance(other, str)
            else AuthorInput(other.full_name, Category.ENTERPRISE_WORKER, share, person_id=other.pk)
            for other in others
        ),
    ]
