"""Built-in functions of the script language, one module a subject.

Importing this package imports no subject: see `registry.load_all`.
"""
