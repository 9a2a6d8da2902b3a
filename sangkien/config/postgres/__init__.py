"""Our database backend: Django's for PostgreSQL, which starts the embedded server when it is first needed."""
