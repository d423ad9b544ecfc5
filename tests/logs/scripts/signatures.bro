# Signatures and their events; a handler may leave the last parameter out.
@load-sigs ./matches.sig
global matched: event(state: signature_state, msg: string, data: string);
global matched_where: event(state: signature_state, msg: string, data: string, end_of_match: count);

function wanted(state: signature_state, data: string): bool { return /2001:db8/ in data; }
event signature_match(state: signature_state, msg: string, data: string, end_of_match: count)
	{
	print "match", state$sig_id, msg, state$is_orig, state$payload_size, |data|, end_of_match, state$conn$id$resp_p;
	}
event signature_match(state: signature_state, msg: string, data: string) &priority=-1 { print "  as it was", state$sig_id; }
event matched(state: signature_state, msg: string, data: string) { print "matched", msg; }
event matched_where(state: signature_state, msg: string, data: string, end_of_match: count) { print "matched_where", msg, end_of_match; }
