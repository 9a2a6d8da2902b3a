"""A real OpenID Connect provider on loopback, as a program: django-allauth's, with a database in its own memory.

``python -m tests.web.accounts.oidc_server CALLBACK`` prints its address and serves until it is stopped. It knows one
application and three people, all with the password ``PASSWORD``.
"""

from __future__ import annotations

import os
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

CLIENT, SECRET, PASSWORD = "sang-kien", "bi-mat", "mat-khau-o-noi-khac"
PEOPLE = {"hoa": ("hoa@cong-ty.vn", True), "gian": ("nan-nhan@cong-ty.vn", False), "lan": ("", False)}
"""Everybody's address, and whether the provider has checked it."""


class Quiet(WSGIRequestHandler):
    """Serves without writing down every request."""

    def log_message(self, *_parts: object) -> None:
        """Write nothing."""


def configure() -> None:
    """Set Django up as the provider."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    settings.configure(
        SECRET_KEY="provider",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="__main__",  # this program
        USE_TZ=True,
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "allauth",
            "allauth.account",
            "allauth.idp.oidc",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        LOGIN_URL="/accounts/login/",
        ACCOUNT_EMAIL_VERIFICATION="none",
        ACCOUNT_RATE_LIMITS=False,
        IDP_OIDC_PRIVATE_KEY=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    )
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback has no certificate
    django.setup()


def fill(callback: str) -> None:
    """Make the tables, the application and the people."""
    from allauth.account.models import EmailAddress
    from allauth.idp.oidc.models import Client
    from django.contrib.auth.models import User

    call_command("migrate", verbosity=0)
    client = Client(id=CLIENT, name="Sáng Kiến", scopes="openid\nprofile\nemail", redirect_uris=callback)
    client.skip_consent = True
    client.set_secret(SECRET)
    client.save()
    for name, (address, is_checked) in PEOPLE.items():
        user = User.objects.create_user(name, address, PASSWORD, first_name=f"Trần Thị {name.title()}")
        if address:
            EmailAddress.objects.create(user=user, email=address, verified=is_checked, primary=True)


if __name__ == "__main__":
    configure()
    urlpatterns = [path("", include("allauth.idp.urls")), path("accounts/", include("allauth.account.urls"))]
    fill(sys.argv[1])
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()
