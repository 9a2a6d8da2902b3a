"""Files of drafts and initiatives: up and down."""
