"""Accounts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from sangkien.people.categories import Category


class PersonManager(BaseUserManager["Person"]):
    """Makes accounts."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Person:
        """Create an account; without a password nobody can sign in with it."""
        person = self.model(username=username, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Somebody with an account: a member, an officer, or a named part of the system (``is_system``)."""

    username = models.CharField(max_length=150, unique=True)
    full_name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    category = models.CharField(max_length=20, choices=Category.choices, blank=True)
    is_active = models.BooleanField(default=True)
    is_system = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "username"

    class Meta:
        db_table = "people_person"

    def __str__(self) -> str:
        return self.full_name


def system_actor(name: str) -> Person:
    """Return the named actor that a job or a load acts as (``system:<name>``), made on first use."""
    person, _created = Person.objects.get_or_create(
        username=f"system:{name}", defaults={"full_name": name, "is_system": True, "password": "!"}
    )
    return person
