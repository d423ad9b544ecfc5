"""Storage that outlives a run: values by key, kept by a backend.

* `backends`: what a backend is, and those there are;
* `sqlite`: a table of an SQLite database;
* `redis`: a Redis server;
* `memory`: a dictionary of this program.
"""
