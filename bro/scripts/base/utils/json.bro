##! Nothing needs to be loaded for JSON: :bro:id:`to_json` and :bro:id:`from_json` are built in.  The file is here for
##! scripts that load it.
