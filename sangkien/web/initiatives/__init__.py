"""The public page of an initiative and the list of initiatives."""
