"""HTTP between curl and nginx."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Iterator

from ..namespaces import SERVER_ADDR, SERVER_ADDR6, capture, client, server
from . import recipe

NGINX = """
daemon off; worker_processes 1; pid {work}/pid; error_log {work}/error;
events {{ worker_connections 64; }}
http {{
    access_log off; client_body_temp_path {work}/b; proxy_temp_path {work}/p; fastcgi_temp_path {work}/f;
    uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;
    types {{ text/html html; text/plain txt; application/json json; image/png png; }}
    gzip on; gzip_min_length 1; gzip_types text/plain application/json;
    server {{ listen 80; listen [::]:80; listen 8123; root {work}/www;
        location /old {{ return 301 /index.html; }}
        location /private {{ return 401; }} }}
}}
"""


def web_content(work: pathlib.Path) -> None:
    www = work / "www"
    www.mkdir()
    (www / "index.html").write_text(
        "<!DOCTYPE html>\n<html><head><title>A page</title></head><body>Hello</body></html>\n"
    )
    (www / "long.txt").write_text(
        "".join(f"line {n} of a text that is long enough for several packets\n" for n in range(400))
    )
    (www / "data.json").write_text('{"name": "bro", "kind": "monitor", "numbers": [1, 2, 3]}\n')
    pixel = (
        "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
        "0000000b4944415478da6364f80f00010501012718e3660000000049454e44ae426082"
    )
    (www / "pixel.png").write_bytes(bytes.fromhex(pixel))
    # nginx gives up root for its workers, which then read these.
    for path in (work, www, *www.iterdir()):
        path.chmod(0o755)


@contextlib.contextmanager
def web_server(work: pathlib.Path) -> Iterator[None]:
    web_content(work)
    conf = work / "nginx.conf"
    conf.write_text(NGINX.format(work=work))
    with server("nginx", "-c", str(conf)):
        yield


@recipe
def http_get(work: pathlib.Path) -> None:
    """curl fetches a page, a picture and a missing file over one connection, then a page over IPv6."""
    with web_server(work), capture(work / "out.pcap"):
        base = f"http://{SERVER_ADDR}"
        client("curl", "-s", f"{base}/index.html", f"{base}/pixel.png", f"{base}/missing")
        client("curl", "-s", f"http://[{SERVER_ADDR6}]/index.html")


@recipe
def http_compressed(work: pathlib.Path) -> None:
    """Bodies gzipped and sent in chunks, a range of a file, a redirect, a password sent in the clear."""
    with web_server(work), capture(work / "out.pcap"):
        base = f"http://{SERVER_ADDR}"
        client("curl", "-s", "--compressed", f"{base}/long.txt", f"{base}/data.json")
        client("curl", "-s", "-r", "100-299", f"{base}/long.txt")
        client("curl", "-s", "-L", f"{base}/old")
        client("curl", "-s", "-u", "alice:secret", f"{base}/private")


@recipe
def http_odd_port(work: pathlib.Path) -> None:
    """HTTP on a port that nobody registered: a HEAD, a POST with a form of two parts."""
    (work / "upload.txt").write_text("a file to upload\n")
    with web_server(work), capture(work / "out.pcap"):
        base = f"http://{SERVER_ADDR}:8123"
        client("curl", "-s", "-I", f"{base}/index.html")
        client("curl", "-s", "-F", "name=bro", "-F", f"file=@{work}/upload.txt", f"{base}/index.html")
