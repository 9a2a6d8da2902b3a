"""Addresses of accounts. The names are allauth's, so that its flows find our addresses."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.urls import build_provider_urlpatterns
from allauth.usersessions.views import list_usersessions
from django.urls import URLPattern, URLResolver, include, path

from sangkien.web.accounts.views import SignOutView, overview


def _provider_addresses() -> list[URLPattern | URLResolver]:
    """Return the addresses of other providers, without those for scripts of theirs: our pages load none."""
    return [
        pattern
        for pattern in build_provider_urlpatterns()
        if not (isinstance(pattern, URLPattern) and (pattern.name or "").endswith("_by_token"))
    ]


_signing_in = [
    path("", account.login, name="account_login"),
    path("ma/", account.request_login_code, name="account_request_login_code"),
    path("ma/nhap/", account.confirm_login_code, name="account_confirm_login_code"),
    path("khoa/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("buoc-hai/", mfa.authenticate, name="mfa_authenticate"),
    path("quen-mat-khau/", account.password_reset, name="account_reset_password"),
    path("quen-mat-khau/ma/", account.confirm_password_reset_code, name="account_confirm_password_reset_code"),
    path("quen-mat-khau/moi/", account.complete_password_reset, name="account_complete_password_reset"),
    path("quen-mat-khau/xong/", account.password_reset_from_key_done, name="account_password_reset_completed"),
]

_second_factors = [
    path("", mfa.index, name="mfa_index"),
    path("ung-dung/", totp.activate_totp, name="mfa_activate_totp"),
    path("ung-dung/bo/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("ma-du-phong/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("ma-du-phong/moi/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("ma-du-phong/tai/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("khoa/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("khoa/them/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("khoa/<int:pk>/bo/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("khoa/<int:pk>/ten/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
]

_account = [
    path("", overview, name="account"),
    path("email/", account.email, name="account_email"),
    path("email/ma/", account.email_verification_sent, name="account_email_verification_sent"),
    path("dien-thoai/", account.change_phone, name="account_change_phone"),
    path("dien-thoai/ma/", account.verify_phone, name="account_verify_phone"),
    path("mat-khau/", account.password_change, name="account_change_password"),
    path("mat-khau/dat/", account.password_set, name="account_set_password"),
    path("xac-nhan-lai/", account.reauthenticate, name="account_reauthenticate"),
    path("xac-nhan-lai/ma/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("xac-nhan-lai/khoa/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("da-khoa/", account.account_inactive, name="account_inactive"),
    path("phien/", list_usersessions, name="usersessions_list"),
    path("bao-mat/", include(_second_factors)),
    path("lien-ket/", include("allauth.socialaccount.urls")),
    path("lien-ket/", include(_provider_addresses())),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("dang-nhap/", include(_signing_in)),
    path("dang-xuat/", SignOutView.as_view(), name="account_logout"),
    path("dang-ky/", account.signup, name="account_signup"),
    path("tai-khoan/", include(_account)),
]
