"""Addresses of the way to Zalo and back."""

from allauth.socialaccount.providers.oauth2.urls import default_urlpatterns

from sangkien.web.accounts.zalo.provider import ZaloProvider

urlpatterns = default_urlpatterns(ZaloProvider)
