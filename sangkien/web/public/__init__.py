"""The pages that everybody may see: the programme at a glance, the boards, a unit, how figures are counted."""
