event zeek_init() { print fmt("%d", 24144); }
