"""How somebody can be reached: e-mail addresses and Vietnamese mobile numbers, each in one way of writing.

What comes out is compared by plain equality: ``EmailAddress.email``, ``Person.phone`` and ``Author.contact`` hold it.
"""

from __future__ import annotations

from typing import Final

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from sangkien.core.errors import InvalidInput
from sangkien.core.vietnamese import normalise

REGION: Final = "VN"
MAX_CONTACT: Final = 254
"""Characters of a contact: the longest address that mail can be sent to. Also the width of their columns."""
LONGEST_PHONE: Final = 40  # characters as people type it, with blanks, dots and brackets
_MOBILE: Final = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)

_NOT_A_PHONE = _("This is not a Vietnamese mobile number. Write it like 0912 345 678.")
_NOT_AN_EMAIL = _("This is not an e-mail address. Write it like ten@congty.vn.")
_NOT_A_CONTACT = _("Write an e-mail address or a mobile number, like 0912 345 678.")


def clean_phone(text: str) -> str:
    """Return a Vietnamese mobile number in E.164 (``+84912345678``), however it was typed.

    "0912 345 678", "84912345678" and "+84(0)912.345.678" are one number. Only a mobile number can be sent a code, so
    others are refused, foreign ones too. Raises InvalidInput ("not_a_phone"), without a field: the caller names it.
    """
    typed = normalise(text)
    if len(typed) > LONGEST_PHONE or any(char.isalpha() for char in typed):
        raise InvalidInput(_NOT_A_PHONE, code="not_a_phone")  # the library would read letters as on an old dial
    try:
        number = phonenumbers.parse(typed, REGION)
    except phonenumbers.NumberParseException:
        raise InvalidInput(_NOT_A_PHONE, code="not_a_phone") from None
    is_one = phonenumbers.is_valid_number_for_region(number, REGION) and not number.extension
    if not is_one or phonenumbers.number_type(number) not in _MOBILE:
        raise InvalidInput(_NOT_A_PHONE, code="not_a_phone")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def clean_email(text: str) -> str:
    """Return an e-mail address in lower case. Raises InvalidInput ("not_an_email"), without a field."""
    address = normalise(text).lower()
    try:
        validate_email(address)
        MaxLengthValidator(MAX_CONTACT)(address)
    except ValidationError:
        raise InvalidInput(_NOT_AN_EMAIL, code="not_an_email") from None
    return address


def clean_contact(text: str) -> str:
    """Return an e-mail address (lower case) or a mobile number (E.164), an empty text for an empty one.

    Raises InvalidInput ("not_an_email", "not_a_phone" or "not_a_contact"), without a field.
    """
    typed = normalise(text)
    if not typed:
        return ""
    if "@" in typed:
        return clean_email(typed)
    if not any(char.isdecimal() for char in typed):
        raise InvalidInput(_NOT_A_CONTACT, code="not_a_contact")
    return clean_phone(typed)
