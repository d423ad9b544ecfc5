## Bytes of content that one :bro:see:`http_entity_data` carries.  0: as many as come together.
global http_entity_data_delivery_size: count = 1500 &redef;

## Whether all content is passed over.
const skip_http_data = F &redef;

## Bytes of a URI that events carry at most; negative: all of it.
const truncate_http_URI: int = -1 &redef;

## How a message of HTTP ended, and its size.
type http_message_stat: record {
	start: time;			##< When its first line came.
	interrupted: bool;		##< Whether it ended before it was complete.
	finish_msg: string;		##< Why it ended.
	body_length: count;		##< Bytes of its content, content coding undone, holes included.
	content_gap_length: count;	##< Bytes of holes in its content.
	header_length: count;		##< Bytes of its first line and header fields, ends of lines not counted.
};

## A connection of HTTP as a whole.
type http_stats_rec: record {
	num_requests: count;		##< Requests.
	num_replies: count;		##< Replies, interim ones included.
	request_version: double;	##< Version of the last request, such as 1.1; 0.0 if there was none.
	reply_version: double;		##< Version of the last reply, such as 1.1; 0.0 if there was none.
};

## A request line.
##
## c: The connection.
## method: What is to be done, such as ``GET``.
## original_URI: The target as it is in the line.
## unescaped_URI: The target with percent encoding undone.
## version: Version of the protocol, such as ``1.1``.
event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string, version: string);

## A status line.
##
## c: The connection.
## version: Version of the protocol, such as ``1.1``.
## code: The status code, such as 200; 0 for a reply of HTTP/0.9, which has no status line.
## reason: The text behind the code.
event http_reply(c: connection, version: string, code: count, reason: string);

## A header field, of a message or of a part of its body.
##
## c: The connection.
## is_orig: Whether the originator sent it.
## original_name: The field's name as spelled in the message.
## name: The name in upper case.
## value: The value, unfolded, without white space around it.
event http_header(c: connection, is_orig: bool, original_name: string, name: string, value: string);

## All header fields of a message or part, at the end of its header.
##
## c: The connection.
## is_orig: Whether the originator sent them.
## hlist: The fields by number, from 1.
event http_all_headers(c: connection, is_orig: bool, hlist: mime_header_list);

## The beginning of an entity: of a message, behind its first line, or of a part of its body.
##
## c: The connection.
## is_orig: Whether the originator sends it.
event http_begin_entity(c: connection, is_orig: bool);

## The end of an entity.
##
## c: The connection.
## is_orig: Whether the originator sent it.
event http_end_entity(c: connection, is_orig: bool);

## Content of an entity, codings undone, in pieces of ``http_entity_data_delivery_size`` bytes but for the last.
##
## c: The connection.
## is_orig: Whether the originator sent it.
## length: Length of *data*.
## data: The content.
event http_entity_data(c: connection, is_orig: bool, length: count, data: string);

## The media type of an entity, at the end of its header.  Without one in the header it is ``TEXT/PLAIN``.
##
## c: The connection.
## is_orig: Whether the originator sent it.
## ty: The type in upper case.
## subty: The subtype in upper case.
event http_content_type(c: connection, is_orig: bool, ty: string, subty: string);

## The end of a message, complete or not.
##
## c: The connection.
## is_orig: Whether the originator sent it.
## stat: How it ended.
event http_message_done(c: connection, is_orig: bool, stat: http_message_stat);

## Something in a message that is not as it should be.
##
## c: The connection.
## event_type: What it is, such as ``malformed header``.
## detail: The text in question.
event http_event(c: connection, event_type: string, detail: string);

## Statistics, when the analyzer's work on a connection is done.
##
## c: The connection.
## stats: The statistics.
event http_stats(c: connection, stats: http_stats_rec);

## The responder switched to another protocol (status 101).  No event of HTTP follows.
##
## c: The connection.
## protocol: Value of the reply's ``Upgrade`` field.
event http_connection_upgrade(c: connection, protocol: string);
