signature log-one { ip-proto == tcp payload /GET / event "a request" }
signature quiet { ip-proto == tcp payload /GET / event "quiet" }
signature no-scan { ip-proto == tcp payload /GET / event "no scan" }
signature alarm { ip-proto == tcp payload /GET / event "alarm" }
signature once { ip-proto == tcp payload /GET / event "once" }
signature per-orig { ip-proto == tcp payload /GET / event "per orig" }
signature per-resp { ip-proto == tcp payload /GET / event "per resp" }
signature summary { ip-proto == tcp payload /GET / event "summary" }
signature unspecified { ip-proto == tcp payload /GET / event "ignored" }
signature NO_DEFAULT_MATCHES_x { ip-proto == tcp payload /GET / event "ignored" }
