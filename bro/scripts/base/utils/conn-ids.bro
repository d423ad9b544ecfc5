##! Connections as text.

module GLOBAL;

export {
	## Writes a connection with an arrow from originator to responder.
	##
	## id: the connection.
	##
	## Returns: ``ADDR:PORT > ADDR:PORT``, the originator first.
	global id_string: function(id: conn_id): string;

	## Writes a connection with an arrow from responder to originator.
	##
	## id: the connection.
	##
	## Returns: ``ADDR:PORT < ADDR:PORT``, the originator first.
	global reverse_id_string: function(id: conn_id): string;

	## Writes a connection with an arrow in the direction of something that one side sent.
	##
	## id: the connection.
	##
	## is_orig: whether the originator sent it.
	##
	## Returns: what :bro:id:`id_string` or :bro:id:`reverse_id_string` does.
	global directed_id_string: function(id: conn_id, is_orig: bool): string;
}

function id_string(id: conn_id): string
	{
	return fmt("%s:%d > %s:%d", id$orig_h, id$orig_p, id$resp_h, id$resp_p);
	}

function reverse_id_string(id: conn_id): string
	{
	return fmt("%s:%d < %s:%d", id$orig_h, id$orig_p, id$resp_h, id$resp_p);
	}

function directed_id_string(id: conn_id, is_orig: bool): string
	{
	return is_orig ? id_string(id) : reverse_id_string(id);
	}
