"""Tools for people who write policy: the formatter, the linter, the language server."""
