# Records: made, read and changed field by field, with optional fields.
module Records;

export {
    type Flow: record {
        host: string;
        packets: count &default=0;
        octets: count &default=0;
        last: double &default=0.0;
        note: string &optional;
    };
    global run: function(n: count): count;
}

function update(f: Flow, size: count, now: double)
    {
    f$packets += 1;
    f$octets += size;
    f$last = now;
    if ( ! f?$note && f$packets > 10 )
        f$note = "busy";
    }

function run(n: count): count
    {
    local flows: vector of Flow;
    local i = 0;
    while ( i < 50 )
        {
        flows += Flow($host="192.0.2.1");
        ++i;
        }

    i = 0;
    while ( i < n )
        {
        update(flows[i % 50], i % 1500, 0.5);
        ++i;
        }

    local sum = 0;
    for ( _, f in flows )
        {
        sum += f$packets + f$octets;
        if ( f?$note )
            sum += |f$note|;
        }
    return sum;
    }
