signature talk_client {
    ip-proto == tcp
    payload /^(GET|HELLO) /
    tcp-state originator
    enable "http"
}
