"""Providers of accounts of our own: allauth looks for them in the module of this name of every app."""

from sangkien.web.accounts.zalo.provider import ZaloProvider

provider_classes = [ZaloProvider]
