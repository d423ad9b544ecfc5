signature stream { ip-proto == tcp dst-port == 80 payload /GET .*index/ event "get index" }
signature uri { http-request /.*pixel/ event "pixel" }
signature request-field { http-request-header /.*curl/ event "curl" }
signature reply-field { http-reply-header /.*nginx/ event "nginx" }
signature body { http-reply-body /.*html>/ event "page" }
signature answer { requires-reverse-signature stream tcp-state established,responder payload /HTTP\/1.1 200/ event "answer" }
signature asked { payload /GET/ eval wanted event "wanted" }
signature other { requires-signature !stream payload /GET/ event "other" }
signature size { ip-proto == udp dst-port == 53 payload-size > 20 event "query" }
signature own { src-ip == 192.0.2.0/24 ip-proto == udp event matched "own" }
signature own-more { src-ip == 192.0.2.0/24 ip-proto == udp event matched_where "more" }
signature bare-header { header ip[8:1] == 64 ip-proto == icmp event "ttl" }
