"""What gives the desk of the demo something to do: one member's initiatives, unusual patterns, work that waits.

``picking`` chooses from the plan what they are about, before anything is stored; ``texts`` are their words; ``telling``
lets the demo's people take the last steps once everything has been loaded.
"""
