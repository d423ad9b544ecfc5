##! Notices about TCP streams that hosts may have seen otherwise than the monitor.

@load base/frameworks/notice
@load base/utils/conn-ids

module Conn;

export {
	redef enum Notice::Type += {
		## Bytes were sent again with another content: which one the other side took cannot be told.
		Retransmission_Inconsistency,
		## Bytes that the other side got were not seen.
		Content_Gap
	};
}

event rexmit_inconsistency(c: connection, t1: string, t2: string, tcp_flags: string)
	{
	NOTICE([$note=Retransmission_Inconsistency, $conn=c,
	        $msg=fmt("%s sent bytes again with another content (flags %s)", id_string(c$id), tcp_flags),
	        $sub=fmt("first \"%s\", then \"%s\"", t1, t2), $identifier=c$uid]);
	}

event content_gap(c: connection, is_orig: bool, seq: count, length: count)
	{
	NOTICE([$note=Content_Gap, $conn=c,
	        $msg=fmt("%d bytes of the %s were not seen in %s", length, is_orig ? "originator" : "responder",
	                 id_string(c$id)),
	        $sub=fmt("at byte %d", seq), $n=length, $identifier=fmt("%s%s", c$uid, is_orig)]);
	}
