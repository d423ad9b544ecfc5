@load ./site-package/scripts

redef Talk::level = Talk::HIGH;
redef Talk::ports += { 80/tcp };
redef Talk::classify = function(c: connection): string { return "to " + cat(c$id$resp_p); };
