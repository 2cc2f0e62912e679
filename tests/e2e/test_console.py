"""What is written while it serves: the console and the access log, of text that strangers chose."""

import os
import re
import signal
import tempfile
import threading

import harness
from harness import HELLO, Client, EndToEnd, request

LOG_LINE = re.compile(r'(\S+) - - \[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "([^"]*)" (\d{3}) (\d+|-)')
HOSTILE = (
    b"GET /hello?\x1b[31mred HTTP/1.1\r\nHost: d\r\n\r\n",
    b'GET /hello?"quoted" HTTP/1.1\r\nHost: d\r\n\r\n',
    b"GET /hello?\xff\xfe\x80 HTTP/1.1\r\nHost: d\r\n\r\n",
    b'GET /\n127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET /forged HTTP/1.1" 200 1\r\nHost: d\r\n\r\n',
    b"GET /\r127.0.0.1 forged HTTP/1.1\r\nHost: d\r\n\r\n",
    b"\x1b]0;title\x07 / HTTP/1.1\r\n\r\n",
    b"GET /\0 HTTP/1.1\r\nHost: d\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
    b'"\\" / HTTP/1.1\r\n\r\n',
)


class Console(EndToEnd):
    def test_tells_who_connected_and_what_was_asked(self):
        server = self.serve()
        client = self.connect(server)
        client.hello()
        client.ask(request("/nope?a=b"))
        client.ask(request("/hello", "HEAD"))
        client.ask(request("/echo", "POST", body=b"12345"))
        client.ask(request(version="1.0"))
        client.close()
        server.stop()
        console, name = server.console(), client.name()
        self.assertEqual(console[0], f"Connected with {name}")
        size = re.fullmatch(re.escape(f'{name} "GET /nope?a=b HTTP/1.1" 404 ') + r"(\d+)", console[2])
        self.assertTrue(size and int(size[1]) > 0, console)
        self.assertEqual(console[1:2] + console[3:], [
            f'{name} "GET /hello HTTP/1.1" 200 14', f'{name} "HEAD /hello HTTP/1.1" 200 0',
            f'{name} "POST /echo HTTP/1.1" 200 5', f'{name} "GET /hello HTTP/1.0" 200 14'])

    def test_connected_stands_once_a_connection(self):
        server = self.serve()
        names = []
        for _ in range(5):
            with Client(server) as client:
                names.append(client.name())
                client.hello()
                client.hello()
        server.stop()
        connected = [line for line in server.console() if line.startswith("Connected with ")]
        self.assertEqual(connected, [f"Connected with {name}" for name in names])

    def test_quiet_leaves_the_start_lines_alone(self):
        server = self.serve("--quiet")
        self.assertEqual(len(server.start_lines()), 2 + len(server.places("/hello")))
        self.connect(server).hello()
        server.stop()
        self.assertEqual(server.console(), [])

    def test_echo_tells_who_connected(self):
        server = self.serve(command="echo")
        client = self.connect(server)
        server.wait_for_line(re.escape(f"Connected with {client.name()}"))

    def test_text_from_the_network_is_escaped(self):
        server = self.serve()
        for data in HOSTILE:
            self.connect(server).ask(data)
        self.connect(server).ask(request("/hello?back\\slash"))
        server.stop()
        for line in server.console():
            self.assertRegex(line, r'\A(Connected with [\d.]+:\d+|[\d.]+:\d+ "[^"]*" \d{3} \d+)\Z')
            self.assertRegex(line, r"\A[ -~]*\Z")
            self.assertNotRegex(line.replace(r"\x", ""), r"\\", "a backslash that is no escape")
        self.assertTrue(any(r'"GET /hello?back\x5cslash HTTP/1.1" 200 14' in line for line in server.console()))


class StoppedReader(EndToEnd):
    def test_a_console_that_nobody_reads_blocks_nobody_and_no_line_is_lost_uncounted(self):
        server = self.serve(stopped_reader=True)
        count = 0
        for _ in range(5):
            with Client(server) as client:
                for number in range(100):
                    self.assertEqual(client.ask(request(f"/{'p' * 100}{number}")).status, 404)
                    count += 1
                client.hello()
                count += 1
        server.resume_reading()
        lost_line = re.compile(r"\((\d+) lines? lost\)")

        def accounted(lines):
            said = [line for line in lines if re.match(r'[\d.]+:\d+ "|Connected with ', line)]
            lost = sum(int(match[1]) for match in map(lost_line.fullmatch, lines) if match)
            return lost > 0 and lost + len(said) >= count + connections

        # "Once it reads again" may need another line to come after.
        connections = 5
        deadline = harness.Deadline()
        while not accounted(server.lines) and not deadline.passed():
            harness.assert_next_client_is_served(server)
            count += 1
            connections += 1
        server.stop()
        self.assertTrue(accounted(server.lines), [line[:60] for line in server.console()[-10:]])
        said = [line for line in server.console() if not lost_line.fullmatch(line)]
        lost = sum(int(match[1]) for match in map(lost_line.fullmatch, server.console()) if match)
        self.assertEqual(lost + len(said), count + connections)
        for line in said:
            self.assertRegex(line, r'\A(Connected with [\d.]+:\d+|[\d.]+:\d+ "[^"]*" \d{3} \d+)\Z')

    def test_a_console_that_went_away_harms_nobody(self):
        server = self.serve(stopped_reader=True)
        # The reader waits, so its end of the pipe can be taken away below it: writing there fails from now on.
        replace = os.open(os.devnull, os.O_RDONLY)
        os.dup2(replace, server.process.stdout.fileno())
        os.close(replace)
        for _ in range(100):
            harness.assert_next_client_is_served(server)
        server.send_signal(signal.SIGTERM)
        self.assertEqual(server.wait_for_exit(), 0)
        server.kill()

    def test_a_server_whose_console_is_full_still_leaves(self):
        server = self.serve(stopped_reader=True)
        with Client(server) as client:
            for _ in range(300):
                client.ask(request("/" + "p" * 100))
        server.send_signal(signal.SIGTERM)
        self.assertEqual(server.wait_for_exit(), 0)
        server.kill()


class AccessLog(EndToEnd):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "access.log")

    def read(self, path=None):
        with open(path or self.path, encoding="latin-1", newline="\n") as file:
            return file.read().splitlines()

    def test_lines_are_in_the_common_format(self):
        server = self.serve("--access-log", self.path)
        source = server.neighbour(9)
        client = self.connect(server, source=source)
        for data in (HELLO, request("/nope?x"), request(method="HEAD"), request(method="OPTIONS"),
                     request("/echo", "PUT", body=b"z" * 10000), request("/hello", "POST")):
            client.ask(data)
        server.stop()
        lines = self.read()
        matches = [LOG_LINE.fullmatch(line) for line in lines]
        self.assertTrue(all(matches), lines)
        self.assertEqual({match[1] for match in matches}, {source})
        self.assertEqual([(match[3], match[4]) for match in matches],
                         [("GET /hello HTTP/1.1", "200"), ("GET /nope?x HTTP/1.1", "404"),
                          ("HEAD /hello HTTP/1.1", "200"), ("OPTIONS /hello HTTP/1.1", "204"),
                          ("PUT /echo HTTP/1.1", "200"), ("POST /hello HTTP/1.1", "405")])
        sizes = [match[5] for match in matches]
        self.assertEqual((sizes[0], sizes[2], sizes[3], sizes[4]), ("14", "-", "-", "10000"))
        self.assertGreater(int(sizes[1]), 0)

    def test_a_refusal_is_logged_without_a_request(self):
        server = self.serve("--access-log", self.path, "--max-clients", "1")
        busy = self.connect(server)
        busy.ask(request("/echo", "POST", "Content-Length: 4", "Expect: 100-continue"))
        with Client(server) as refused:
            self.assertEqual(refused.reply().status, 503)
        busy.send(b"done")
        self.assertEqual(busy.reply().status, 200)
        busy.close()
        server.stop()
        matches = [LOG_LINE.fullmatch(line) for line in self.read()]
        self.assertEqual(sorted((match[3], match[4]) for match in matches),
                         [("-", "503"), ("POST /echo HTTP/1.1", "200")])

    def test_it_is_appended(self):
        with open(self.path, "w", encoding="ascii") as file:
            file.write("here before\n")
        server = self.serve("--access-log", self.path)
        self.connect(server).hello()
        server.stop()
        lines = self.read()
        self.assertEqual((lines[0], len(lines)), ("here before", 2))

    def test_it_goes_to_stdout_for_a_dash(self):
        server = self.serve("--access-log", "-", "--quiet")
        self.connect(server).hello()
        server.wait_for_line(LOG_LINE.pattern)

    def test_a_file_that_cannot_be_opened_is_an_error(self):
        for path in (self.folder.name, os.path.join(self.folder.name, "no", "such.log")):
            done = harness.run("serve", "-p", "0", "--bind", "127.0.0.1", "--access-log", path)
            self.assertEqual(done.returncode, 1)
            self.assertTrue(done.stderr.startswith("bobbin: "))
            self.assertIn(path, done.stderr)

    def test_text_from_the_network_is_escaped(self):
        server = self.serve("--access-log", self.path)
        for data in HOSTILE:
            self.connect(server).ask(data)
        self.connect(server).ask(request("/hello?a\\b"))
        server.stop()
        lines = self.read()
        self.assertEqual(len(lines), len(HOSTILE) + 1)
        for line in lines:
            self.assertTrue(LOG_LINE.fullmatch(line), line)
            self.assertRegex(line, r"\A[ -~]*\Z")
        self.assertIn(r'"GET /hello?a\x5cb HTTP/1.1" 200 14', lines[-1])

    def test_what_was_no_request_line_is_logged_as_a_dash_or_escaped(self):
        server = self.serve("--access-log", self.path, "--request-timeout", "100ms", "--max-clients", "1",
                            "--body-timeout", "2m")
        client = self.connect(server)
        client.send(b"GET /half")
        self.assertEqual(client.reply().status, 408)
        client.close()
        harness.serve_until(server)
        server.stop()
        matches = [LOG_LINE.fullmatch(line) for line in self.read()]
        self.assertTrue(all(matches))
        late = [match for match in matches if match[4] == "408"]
        self.assertEqual(len(late), 1)
        self.assertIn(late[0][3], ("-", "GET /half"))

    def test_hangup_reopens_it_and_no_line_is_lost(self):
        server = self.serve("--access-log", self.path)
        client = self.connect(server)
        count = 0
        for number in range(3):
            client.hello()
            os.rename(self.path, f"{self.path}.{number}")
            server.send_signal(signal.SIGHUP)
            count += 1
            deadline = harness.Deadline()
            while not (os.path.exists(self.path) and os.path.getsize(self.path)) and not deadline.passed():
                client.hello()
                count += 1
        server.stop()
        lines = self.read()
        self.assertTrue(lines, "the reopened file gets the lines")
        for number in range(3):
            lines += self.read(f"{self.path}.{number}")
        self.assertEqual(len(lines), count)
        for line in lines:
            self.assertTrue(LOG_LINE.fullmatch(line), line)

    def test_hangup_without_a_log_harms_nobody(self):
        for command in ("serve", "echo"):
            server = self.serve(command=command)
            for _ in range(20):
                server.send_signal(signal.SIGHUP)
            if command == "serve":
                harness.assert_next_client_is_served(server)
            server.stop()

    def test_lines_of_many_clients_do_not_mix(self):
        server = self.serve("--access-log", self.path)

        def ask(name):
            with Client(server) as client:
                for _ in range(25):
                    client.ask(request("/" + name * 150))

        threads = [threading.Thread(target=ask, args=(name,)) for name in "abcdefghijklmnop"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(harness.DEADLINE)
        server.stop()
        lines = self.read()
        self.assertEqual(len(lines), 16 * 25)
        for line in lines:
            self.assertTrue(LOG_LINE.fullmatch(line), line)
            self.assertRegex(line, r'"GET /([a-p])\1{149} HTTP/1\.1" 404')


if __name__ == "__main__":
    harness.main()
