"""The compiler of the script language: source text to Python code objects.

Importing this package imports nothing of it; `loader` is the way in.
"""
