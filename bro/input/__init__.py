"""The input framework: tables, events and files filled from outside while the program runs.

* `manager`: the streams by name, and when they are looked at;
* `streams`: what becomes of the rows of a table stream, an event stream, an analysis stream;
* `fields`: the columns that the fields of a record need, and records made of a row;
* `text`: values out of text;
* `readers/`: one file for each kind of source; `readers/base.py` is what a new one derives from.
"""
