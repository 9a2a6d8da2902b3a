"""Steps between the first proof of who somebody is and being signed in, where allauth's differ from ours."""

from __future__ import annotations

from allauth.account.stages import EmailVerificationStage
from django.http import HttpResponse


class AddressProofStage(EmailVerificationStage):  # type: ignore[misc]  # untyped
    """Only whoever comes by an e-mail address must prove it: a phone or a user name needs none."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Ask for the code that was sent to the address, if the person came by one."""
        login = self.login
        if login.user and not (login.email or (login.signup and login.user.email)):
            return None, True
        answer: tuple[HttpResponse | None, bool] = super().handle()
        return answer
