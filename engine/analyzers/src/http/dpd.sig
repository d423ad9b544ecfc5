# HTTP on any port.  A request line with its version is clear enough; a client's line that is cut off counts when the
# server answers in kind.

signature dpd_http_client {
	ip-proto == tcp
	payload /^[[:space:]]*[A-Z][A-Z-]{1,31}[[:space:]]+[^\x0d\x0a]*[hH][tT][tT][pP]\/[0-9]\.[0-9]/
	tcp-state originator
	enable "http"
}

signature dpd_http_request {
	ip-proto == tcp
	payload /^[[:space:]]*(GET|HEAD|POST|PUT|DELETE|OPTIONS|TRACE|CONNECT|PATCH|PROPFIND)[[:space:]]+[^[:space:]]/
	tcp-state originator
}

signature dpd_http_server {
	ip-proto == tcp
	payload /^[hH][tT][tT][pP]\/[0-9]\.[0-9][[:space:]]+[0-9]/
	tcp-state responder
	requires-reverse-signature dpd_http_request
	enable "http"
}
