//! Captures live traffic between two network namespaces that the test makes and removes again.
//!
//! Needs Linux, root and the command `ip` (Debian: iproute2), so it is not run by default:
//!
//! ```text
//! sudo -E cargo test -p bro-capture --test live -- --ignored
//! ```
//!
//! Nothing is sent to any network but the one between the two namespaces.
#![cfg(target_os = "linux")]

use std::net::UdpSocket;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use bro_capture::{CaptureError, LinkType, LiveOptions, LiveSource, Next, PacketSource, Step, Timestamp};

/// What a run of this program inside a namespace is to do.
const ROLE: &str = "BRO_LIVE_TEST_ROLE";
/// A file that a role makes once it captures, if somebody waits for that.
const READY: &str = "BRO_LIVE_TEST_READY";

fn ip(args: &str) -> Output {
    Command::new("ip")
        .args(args.split_whitespace())
        .output()
        .expect("run the command ip")
}

fn must_ip(args: &str) {
    let output = ip(args);
    assert!(
        output.status.success(),
        "ip {args}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Two namespaces with a cable between them: 198.18.0.1 on `left0` and 198.18.0.2 on `right0`.
struct Cable {
    left: String,
    right: String,
}

impl Cable {
    fn lay() -> Self {
        let id = std::process::id();
        let cable = Self {
            left: format!("bro-left-{id}"),
            right: format!("bro-right-{id}"),
        };
        let Self { left, right } = &cable;
        must_ip(&format!("netns add {left}"));
        must_ip(&format!("netns add {right}"));
        must_ip(&format!(
            "-n {left} link add left0 type veth peer name right0 netns {right}"
        ));
        for (space, device, address) in [(left, "left0", 1), (right, "right0", 2)] {
            must_ip(&format!(
                "-n {space} address add 198.18.0.{address}/24 dev {device}"
            ));
            must_ip(&format!("-n {space} link set lo up"));
            must_ip(&format!("-n {space} link set {device} up"));
        }
        cable
    }

    /// Runs a role of this program in a namespace.
    fn run(&self, space: &str, role: &str) -> std::process::Child {
        Command::new("ip")
            .args(["netns", "exec", space])
            .arg(std::env::current_exe().expect("the path of this program"))
            .args(["--ignored", "--exact", "inside_a_namespace", "--nocapture"])
            .env(ROLE, role)
            .spawn()
            .expect("run this program in a namespace")
    }

    /// Runs a Python program in a namespace.
    fn python(&self, space: &str, program: &str) -> std::process::Child {
        Command::new("ip")
            .args(["netns", "exec", space, "python3", "-c", program])
            .spawn()
            .expect("run python3 in a namespace")
    }
}

/// Sends frames with a VLAN tag, and some without, for at most ten seconds.
const SEND_TAGGED: &str = r#"
import socket, time
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind(("right0", 0))
udp = b"\x08\0\x45\0\0\x80\0\0\0\0\x40\x11\0\0\xc6\x12\x07\x02\xc6\x12\x07\x01\x23\x28\0\x09\0\x6c\0\0" + b"\x5a" * 100
for _ in range(5000):
    out.send(b"\x02\0\0\0\0\x07\x02\0\0\0\0\x08\x81\0\x60\x07" + udp)
    out.send(b"\x02\0\0\0\0\x07\x02\0\0\0\0\x08\x88\xa8\0\x09" + udp)
    out.send(b"\x02\0\0\0\0\x07\x02\0\0\0\0\x08" + udp)
    time.sleep(0.002)
"#;

/// Lets packets arrive on a tunnel, for at most ten seconds.
const SEND_TUNNELLED: &str = r#"
import fcntl, os, struct, time
tunnel = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tunnel, 0x400454CA, struct.pack("16sH22x", b"tun7", 0x1001))
for _ in range(5000):
    os.write(tunnel, b"\x45\0\0\x26\0\0\0\0\x40\x11\0\0\xc6\x13\0\x02\xc6\x13\0\x01\x23\x28\0\x09\0\x12\0\0" + b"\x5a" * 10)
    time.sleep(0.002)
"#;

impl Drop for Cable {
    fn drop(&mut self) {
        ip(&format!("netns delete {}", self.left));
        ip(&format!("netns delete {}", self.right));
    }
}

#[test]
#[ignore = "needs root; run with --ignored"]
fn live_capture() {
    if std::env::var_os(ROLE).is_some() {
        return;
    }
    let cable = Cable::lay();
    let mut roles = vec![
        "plain", "filter", "snaplen", "loopback", "drops", "any", "flap", "missing",
    ];
    let python = Command::new("python3")
        .arg("--version")
        .output()
        .is_ok_and(|o| o.status.success());
    let tunnel = ip(&format!("-n {} tuntap add tun7 mode tun", cable.left));
    match python {
        true => roles.extend(["vlan", "vlan-filter"]),
        false => eprintln!("not tested: VLAN tags and raw IP, as there is no python3 to send them"),
    }
    match python && tunnel.status.success() {
        true => {
            must_ip(&format!("-n {} link set tun7 up", cable.left));
            roles.push("tunnel");
        }
        false => eprintln!("not tested: raw IP, as a tunnel cannot be made"),
    }
    for role in roles {
        let mut sender = match role {
            "vlan" | "vlan-filter" => cable.python(&cable.right, SEND_TAGGED),
            "tunnel" => cable.python(&cable.left, SEND_TUNNELLED),
            _ => cable.run(&cable.right, "send"),
        };
        let status = cable.run(&cable.left, role).wait().expect("wait for the capture");
        // The sender has a limit of its own; it is not needed longer.
        let _ = sender.kill();
        let _ = sender.wait();
        assert!(status.success(), "the role {role} failed");
    }
    // An interface that vanishes while it is captured is an error.
    let ready = std::env::temp_dir().join(format!("{}-ready", cable.left));
    std::env::set_var(READY, &ready);
    let mut watcher = cable.run(&cable.left, "vanish");
    let start = Instant::now();
    while !ready.exists() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "the capture does not begin"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = std::fs::remove_file(&ready);
    // The kernel tells of going down alone, also when both come at once.
    must_ip(&format!("-n {} link set left0 down", cable.left));
    std::thread::sleep(Duration::from_millis(300));
    must_ip(&format!("-n {} link delete left0", cable.left));
    assert!(watcher.wait().expect("wait for the capture").success());
}

/// Not a test of its own: what the test above runs inside its namespaces, for at most a minute.
#[test]
#[ignore = "only run by live_capture"]
fn inside_a_namespace() {
    let role = std::env::var(ROLE);
    if let Ok(role) = role.clone() {
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(60));
            eprintln!("the role {role} did not end within a minute");
            std::process::exit(1);
        });
    }
    match role.as_deref() {
        Ok("send") => send(),
        Ok("plain") => plain(),
        Ok("filter") => filter(),
        Ok("snaplen") => snaplen(),
        Ok("loopback") => loopback(),
        Ok("drops") => drops(),
        Ok("any") => any(),
        Ok("flap") => flap(),
        Ok("missing") => missing(),
        Ok("vlan") => vlan(None),
        Ok("vlan-filter") => vlan(Some("vlan 7 and udp port 9")),
        Ok("tunnel") => tunnel(),
        Ok("vanish") => vanish(),
        _ => {}
    }
}

/// Sends datagrams of 100 bytes to the other side, at most for ten seconds.
fn send() {
    let socket = UdpSocket::bind("0.0.0.0:9000").expect("a socket");
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        // Errors do not matter: the other side has no listener, and may be gone.
        for target in ["198.18.0.1:9", "198.18.0.1:10"] {
            let _ = socket.send_to(&[0x5a; 100], target);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn open(interface: &str, filter: Option<&str>, snaplen: u32) -> LiveSource {
    let options = LiveOptions {
        filter: filter.map(str::to_owned),
        snaplen,
        buffer_size: 8 << 20,
        ..LiveOptions::default()
    };
    LiveSource::open(interface, &options).expect("capture")
}

#[derive(Debug)]
struct Seen {
    ts: Timestamp,
    bytes: Vec<u8>,
    original_len: u32,
    checksum_pending: bool,
}

/// The next packets that have a property; waits at most ten seconds for them.
fn collect(source: &mut LiveSource, count: usize, wanted: impl Fn(&[u8]) -> bool) -> Vec<Seen> {
    let (mut seen, start) = (Vec::new(), Instant::now());
    while seen.len() < count {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "only {} of {count} packets came",
            seen.len()
        );
        match source.next_packet().expect("capture") {
            Next::Packet(p) if wanted(p.captured) => seen.push(Seen {
                ts: p.ts,
                bytes: p.captured.to_vec(),
                original_len: p.original_len,
                checksum_pending: p.checksum_pending,
            }),
            Next::Packet(_) => {}
            Next::Pending => source.wait(Duration::from_millis(100)).expect("wait"),
            Next::End => panic!("a live source has no end"),
        }
    }
    seen
}

/// Port a UDP datagram in an Ethernet frame goes to.
fn port(frame: &[u8]) -> Option<u16> {
    let is_udp = frame.get(12..14) == Some(&[8, 0]) && frame.get(23) == Some(&17);
    Some(u16::from_be_bytes(*frame.get(36..)?.first_chunk()?)).filter(|_| is_udp)
}

fn plain() {
    let mut source = open("left0", None, 262_144);
    assert!(source.is_live());
    assert_eq!(source.link_type(), Some(LinkType::ETHERNET));
    let seen = collect(&mut source, 200, |f| port(f) == Some(9));
    for pair in seen.windows(2) {
        assert!(pair[0].ts <= pair[1].ts);
    }
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("the time");
    assert!((seen[0].ts.seconds() - now.as_secs_f64()).abs() < 60.0);
    for packet in &seen {
        assert_eq!((packet.bytes.len(), packet.original_len), (142, 142));
        assert!(packet.bytes[42..].iter().all(|b| *b == 0x5a));
    }
    let statistics = source.statistics();
    assert!(statistics.received >= 200 && statistics.bytes >= 200 * 142);
    assert!(statistics.link.expect("a count") >= 200, "{statistics:?}");
    assert_eq!(statistics.dropped, Some(0));
    assert!(
        source.statistics().link >= statistics.link,
        "counters go on from where they were"
    );
}

fn filter() {
    match bro_capture::Filter::compile("udp port 10", LinkType::ETHERNET, 65535) {
        Err(error @ bro_capture::FilterError::LibraryMissing { .. }) => {
            return eprintln!("not tested: {error}")
        }
        other => drop(other.expect("a valid filter")),
    }
    let mut source = open("left0", Some("udp port 10"), 262_144);
    let seen = collect(&mut source, 50, |_| true);
    assert!(seen.iter().all(|p| port(&p.bytes) == Some(10)));
    let wrong = LiveOptions {
        filter: Some("udp prot 10".into()),
        ..LiveOptions::default()
    };
    assert!(matches!(
        LiveSource::open("left0", &wrong),
        Err(CaptureError::Filter(_))
    ));
}

fn snaplen() {
    let mut source = open("left0", None, 60);
    for packet in collect(&mut source, 20, |f| port(f) == Some(9)) {
        assert_eq!((packet.bytes.len(), packet.original_len), (60, 142));
    }
}

fn loopback() {
    let mut source =
        LiveSource::open("lo", &LiveOptions::default()).expect("capture with the default options");
    assert_eq!(source.link_type(), Some(LinkType::ETHERNET));
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for n in 0..20u8 {
        socket.send_to(&[n; 10], "127.0.0.1:9").expect("send");
    }
    // Each once, though the kernel shows it going out and coming in.
    let seen = collect(&mut source, 20, |f| port(f) == Some(9));
    let numbers: Vec<u8> = seen.iter().map(|p| p.bytes[42]).collect();
    assert_eq!(numbers, (0..20).collect::<Vec<u8>>());
    // Nothing computes checksums on the loopback interface.
    assert!(seen.iter().all(|p| p.checksum_pending));
}

/// What does not fit in the buffer is counted, and the capture goes on.
fn drops() {
    let options = LiveOptions {
        buffer_size: 0,
        ..LiveOptions::default()
    };
    let mut source = LiveSource::open("lo", &options).expect("capture with the smallest buffer");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for _ in 0..20_000 {
        // There may be no room for a moment; what counts is what the kernel took.
        let _ = socket.send_to(&[1; 1000], "127.0.0.1:9");
    }
    let kept = source.statistics();
    assert!(kept.dropped.expect("a count") > 1000, "{kept:?}");
    assert!(kept.link > kept.dropped, "{kept:?}");
    while source.advance().expect("capture") == Step::Packet {}
    let dropped = source.statistics().dropped;
    for n in 0..20u8 {
        socket.send_to(&[n; 10], "127.0.0.1:10").expect("send");
    }
    collect(&mut source, 20, |f| port(f) == Some(10));
    assert_eq!(source.statistics().dropped, dropped);
}

fn any() {
    let mut source = open("any", None, 262_144);
    assert_eq!(source.link_type(), Some(LinkType::RAW));
    let to_port_9 =
        |p: &[u8]| p.first() == Some(&0x45) && p.get(9) == Some(&17) && p.get(22..24) == Some(&[0, 9]);
    let seen = collect(&mut source, 20, to_port_9);
    assert!(seen
        .iter()
        .all(|p| p.bytes.len() == 128 && p.bytes[12..16] == [198, 18, 0, 2]));
}

/// An interface that goes down and comes up again does not end the capture.
fn flap() {
    let mut source = open("left0", None, 262_144);
    collect(&mut source, 20, |f| port(f) == Some(9));
    must_ip("link set left0 down");
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(300) {
        match source
            .next_packet()
            .expect("an interface that is down is no error")
        {
            Next::Packet(_) => {}
            Next::Pending => source.wait(Duration::from_millis(20)).expect("wait"),
            Next::End => panic!("a live source has no end"),
        }
    }
    must_ip("link set left0 up");
    collect(&mut source, 20, |f| port(f) == Some(9));
}

fn missing() {
    let error = LiveSource::open("nothere0", &LiveOptions::default())
        .map(drop)
        .expect_err("no such interface");
    let text = error.to_string();
    assert!(
        text.contains("no interface of this name") && text.contains("left0"),
        "{text}"
    );
    must_ip("link add down0 type veth peer name down1");
    let error = LiveSource::open("down0", &LiveOptions::default())
        .map(drop)
        .expect_err("it is down");
    must_ip("link delete down0");
    assert!(error.to_string().contains("ip link set down0 up"), "{error}");
}

fn vlan(filter: Option<&str>) {
    let mut source = open("left0", filter, 262_144);
    for (kind, tag) in [([0x81, 0], [0x60, 7]), ([0x88, 0xa8], [0, 9])] {
        if filter.is_some() && tag != [0x60, 7] {
            continue;
        }
        for packet in collect(&mut source, 20, |f| f.get(12..14) == Some(&kind)) {
            assert_eq!(packet.bytes[..12], [2, 0, 0, 0, 0, 7, 2, 0, 0, 0, 0, 8]);
            assert_eq!(
                (&packet.bytes[14..16], &packet.bytes[16..18]),
                (&tag[..], &[8, 0][..])
            );
            assert_eq!((packet.bytes.len(), packet.original_len), (146, 146));
            assert!(packet.bytes[46..].iter().all(|b| *b == 0x5a));
        }
    }
    if filter.is_some() {
        assert_eq!(source.statistics().received, 20);
        assert!(source.statistics().filtered > 0);
    }
}

fn tunnel() {
    let mut source = open("tun7", None, 262_144);
    assert_eq!(source.link_type(), Some(LinkType::RAW));
    for packet in collect(&mut source, 5, |p| p.get(9) == Some(&17)) {
        assert_eq!(
            (packet.bytes[0], packet.bytes.len(), packet.original_len),
            (0x45, 38, 38)
        );
        assert_eq!(packet.bytes[12..16], [198, 19, 0, 2]);
    }
}

fn vanish() {
    let mut source = open("left0", None, 262_144);
    if let Some(ready) = std::env::var_os(READY) {
        std::fs::write(ready, "").expect("tell that the capture has begun");
    }
    let start = Instant::now();
    let error = loop {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "the interface was not missed"
        );
        match source.next_packet() {
            Ok(Next::Packet(_)) => {}
            Ok(Next::Pending) => match source.wait(Duration::from_millis(100)) {
                Ok(()) => {}
                Err(error) => break error,
            },
            Ok(Next::End) => panic!("a live source has no end"),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("it is gone"), "{error}");
    assert_eq!(source.next_packet().expect("after the error"), Next::End);
}
