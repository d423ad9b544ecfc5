"""Readers of input: one module each.  `base` has what they share."""
