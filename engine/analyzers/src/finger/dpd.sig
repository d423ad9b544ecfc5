# Finger on any port.  A request is a short line of almost anything, so both sides have to look right.

signature dpd_finger_client {
	ip-proto == tcp
	payload /^[ \t]*(\/[wW][ \t]*)?[a-zA-Z0-9._-]{0,64}(@[a-zA-Z0-9.-]{1,255})*[ \t]*\x0d?\x0a/
	tcp-state originator
}

signature dpd_finger_server {
	ip-proto == tcp
	payload /^(\x0d?\x0a|\[[^\x0d\x0a]{1,255}\]\x0d?\x0a)*(Login( name)?:? +|No one logged on|finger: [^\x0d\x0a]{1,255}: no such user)/
	tcp-state responder
	requires-reverse-signature dpd_finger_client
	enable "finger"
}
