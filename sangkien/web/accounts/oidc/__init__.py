"""Signing in with OpenID Connect: allauth's provider, with a nonce."""
