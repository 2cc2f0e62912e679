"""Sends the same mutated requests to bobbin and to nginx and tells where bobbin sees more requests than nginx does.

nginx forgives more (bare LF, for one), so that bobbin refuses more is no finding. That it executes the last request
where nginx does not find it is: so begins request smuggling. Not a part of the test run:

    BOBBIN=build/dev/bobbin tests/e2e/differential.py [rounds [seed]]"""

import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile

import harness

CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 64; }}
http {{
    access_log off; lingering_close off; client_max_body_size 0; keepalive_timeout 5s;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{ listen 127.0.0.1:{port}; location / {{ return 200 "ok"; }} }}
}}
"""
SEEDS = (
    harness.HELLO,
    harness.request("/echo", "POST", body=b"hello"),
    harness.request("/echo", "POST", "Transfer-Encoding: chunked", body=b"5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n"),
    harness.request("http://device/hello?a=b", "GET", "Connection: keep-alive"),
    harness.request("/x/./hello%20", "HEAD", "Accept: */*"),
    harness.request("/echo", "PUT", "Expect: 100-continue", "Content-Length: 3", body=b"abc"),
    harness.request("/hello", "GET", version="1.0", host=None),
)
SPLICES = (b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b",", b";", b"0", b"-", b"+", b"\x0b", b"\x80", b"%00",
           b"%", b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"chunked, ",
           b"Transfer-Encoding: identity\r\n", b"Host: other\r\n", b"Connection: close\r\n", b" folded\r\n",
           b"0\r\n\r\n", b"GET /hello HTTP/1.1\r\n", b"HTTP/1.0", b"HTTP/2.0", b"0x", b"ffffffffffffffff",
           b"18446744073709551616")
REFUSED = (400, 408, 411, 413, 414, 417, 421, 431, 494, 501, 503, 505)
# Where nginx is wrong: tabs around a value, dot segments above the root, sub-delims in hosts, "xclose" as close.
EXPLAINED = re.compile(rb"\t|/\.\./|(?i:http://|host: *)[^/ \r]*[!$&'()*+,;=~%]|keep-alive[^\r]*close")
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")


def mutate(dice):
    data = bytearray(dice.choice(SEEDS))
    for _ in range(dice.randrange(1, 4)):
        position = dice.randrange(len(data) + 1)
        kind = dice.randrange(4)
        if kind == 0:
            data[position:position] = dice.choice(SPLICES)
        elif kind == 1:
            data[position:position + len(splice)] = (splice := dice.choice(SPLICES))
        elif kind == 2:
            del data[position:position + dice.randrange(1, 4)]
        else:
            data[position:position + 1] = bytes([dice.randrange(256)])
    return bytes(data) + harness.HELLO


def executed(sock, data):
    """How many requests were executed, up to the first refusal; and all that came."""
    with sock:
        sock.settimeout(harness.DEADLINE)
        got = b""
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            while piece := sock.recv(65536):
                got += piece
        except (BrokenPipeError, ConnectionResetError):
            pass
    count = 0
    for status in map(int, STATUS.findall(got)):
        if status in REFUSED:
            break
        count += status != 100
    return count, got


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    dice = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if not nginx:
        print("skipped: nginx is not installed")
        return 0
    findings = 0
    with tempfile.TemporaryDirectory() as folder, harness.Server("--quiet") as server:
        # It inherits a socket that listens already, so that there is nothing to wait for.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            with open(f"{folder}/conf", "w", encoding="ascii") as file:
                file.write(CONFIGURATION.format(folder=folder, port=port))
            other = subprocess.Popen([nginx, "-p", folder, "-c", f"{folder}/conf"], pass_fds=[listener.fileno()],
                                     stderr=subprocess.DEVNULL, env={"NGINX": f"{listener.fileno()};"})
        try:
            for _ in range(rounds):
                data = mutate(dice)
                ours, ours_text = executed(socket.create_connection(("127.0.0.1", server.port)), data)
                theirs, theirs_text = executed(socket.create_connection(("127.0.0.1", port)), data)
                # A request answered before its body turned out to be broken, and the end behind it, is no harm.
                if ours > theirs and ours_text.endswith(b"Hello, World!\n") and not EXPLAINED.search(data):
                    findings += 1
                    print(f"{ours} executed, {theirs} by nginx:\n  sent  {data!r}\n  got   {ours_text!r}\n"
                          f"  nginx {STATUS.findall(theirs_text)}")
        finally:
            other.terminate()
            other.wait()
    print(f"{rounds} rounds, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
