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
    """Somebody with an account: a member, an officer, or a named part of the system (``is_system``).

    ``phone`` is in E.164 (``+84…``); ``qualification`` is the level of training, ``job_title`` the position at work, as
    the application for recognition asks for them (Thông tư 18/2013/TT-BKHCN, annex I). ``language`` is the one in which
    the person is written to. ``mail_bounced_at`` says since when their address has refused our mail.
    """

    username = models.CharField(max_length=150, unique=True)
    full_name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=16, null=True, blank=True, unique=True)
    phone_verified = models.BooleanField(default=False)
    date_of_birth = models.DateField(null=True, blank=True)
    job_title = models.CharField(max_length=200, blank=True)
    qualification = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5, default="vi")
    mail_bounced_at = models.DateTimeField(null=True, blank=True)
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


class Consent(models.Model):
    """What a person agreed to: the whole text as they read it, and when (evidence of consent: Luật 91/2025/QH15).

    ``purpose`` and ``version`` are stable codes; ``withdrawn_at`` is empty while the consent holds.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=5)
    text = models.TextField()
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "people_consent"
        ordering = ["-given_at"]


def system_actor(name: str) -> Person:
    """Return the named actor that a job or a load acts as (``system:<name>``), made on first use."""
    person, _created = Person.objects.get_or_create(
        username=f"system:{name}", defaults={"full_name": name, "is_system": True, "password": "!"}
    )
    return person
