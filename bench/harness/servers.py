"""The servers: how each is started, and a running one that is always ended."""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

NGINX_CONF = """\
daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    default_type text/plain;
    keepalive_timeout 60s;
    keepalive_requests 1000000000;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {{
        listen 127.0.0.1:{port};
        location = /hello {{ return 200 "Hello, World!\\n"; }}
        {files}
    }}
}}
"""

# What a site that sends files sets; what it opened is not kept, as in bobbin.
NGINX_FILES = """\
location / {{
            root {root};
            sendfile on;
            tcp_nopush on;
        }}"""

# Its own default closes a connection after 1,000 requests; this is the most it takes.
LIGHTTPD_CONF = """\
server.document-root = "{root}"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{folder}/error.log"
server.max-keep-alive-requests = 65535
"""

HELLO_GROUPS = frozenset(["start", "keep", "close", "pipelined", "memory", "many", "size"])


class ServerError(Exception):
    """A server did not start, or a measurement of it failed."""


class Server:
    """One of the servers. clients=None asks for its default capacity."""

    title = ""
    # Threads that exist before any client comes, when started by default;
    # None: a client's thread, if it has one, starts with the client.
    threads_at_rest = None
    own_library = None  # counted with the program's size
    prints_address = True
    groups = HELLO_GROUPS  # of figures that are taken from it

    def __init__(self, name, program):
        self.name = name
        self.program = program

    def command(self, clients, port, folder, root=None):
        """root: a folder whose files are served; only for the group "files"."""
        raise NotImplementedError


class Bobbin(Server):
    title = "bobbin"
    groups = HELLO_GROUPS | {"files"}

    def command(self, clients, port, folder, root=None):
        limit = ["--max-clients", str(clients)] if clients else []
        limit += ["--root", root] if root else []
        return [self.program, "serve", "-p", str(port), "--bind", "127.0.0.1", "--quiet",
                "--idle-timeout", "60s"] + limit


class Own(Server):
    """A program of this folder: its one argument is the number of clients."""

    def __init__(self, name, program, title, threads_at_rest=None, own_library=None):
        super().__init__(name, program)
        self.title = title
        self.threads_at_rest = threads_at_rest
        self.own_library = own_library

    def command(self, clients, port, folder, root=None):
        return [self.program, str(clients or self.threads_at_rest or 16)]


class Nginx(Server):
    title = "nginx"
    prints_address = False
    groups = HELLO_GROUPS | {"files"}

    def command(self, clients, port, folder, root=None):
        files = NGINX_FILES.format(root=root) if root else ""
        with open(os.path.join(folder, "nginx.conf"), "w", encoding="ascii") as conf:
            conf.write(NGINX_CONF.format(port=port, files=files))
        return [self.program, "-p", folder, "-e", os.path.join(folder, "error.log"),
                "-c", os.path.join(folder, "nginx.conf")]


class Lighttpd(Server):
    title = "lighttpd"
    prints_address = False
    groups = frozenset(["files"])

    def command(self, clients, port, folder, root=None):
        path = os.path.join(folder, "lighttpd.conf")
        with open(path, "w", encoding="utf-8") as conf:
            conf.write(LIGHTTPD_CONF.format(root=root, port=port, folder=folder))
        return [self.program, "-D", "-f", path]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """A started server, ready to answer; use with "with"."""

    def __init__(self, server, clients=None, root=None):
        self.server = server
        self.clients = clients
        self.root = root
        self.process = None
        self.port = 0
        self.folder = tempfile.mkdtemp(prefix="bobbin-bench-")

    def __enter__(self):
        try:
            for attempt in (1, 2, 3):
                try:
                    self._start()
                    return self
                except ServerError:
                    # A free port can be taken between choosing and using it.
                    if self.server.prints_address or attempt == 3:
                        raise
                    self._kill()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def pid(self):
        return self.process.pid

    def _start(self):
        self.port = 0 if self.server.prints_address else free_port()
        command = self.server.command(self.clients, self.port, self.folder, self.root)
        with open(os.path.join(self.folder, "output"), "wb") as output:
            self.process = start_group(command, stdout=output, stderr=output)
        deadline = time.monotonic() + 10
        while not self._ready():
            self.check_alive()
            if time.monotonic() > deadline:
                raise ServerError(f"{self.server.name} is not ready after 10 s: "
                                  f"{self.output()[-500:]}")
            time.sleep(0.005)

    def _ready(self):
        if self.server.prints_address:
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", self.output())
            self.port = int(found.group(1)) if found else 0
            return bool(found)
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def output(self):
        with open(os.path.join(self.folder, "output"), encoding="utf-8",
                  errors="replace") as output:
            return output.read()

    def check_alive(self):
        if self.process.poll() is not None:
            raise ServerError(f"{self.server.name} ended by itself, status "
                              f"{self.process.returncode}: {self.output()[-500:]}")

    def resident_kib(self):
        """Exact, where VmRSS lags by some pages a processor."""
        with open(f"/proc/{self.pid}/smaps_rollup", encoding="ascii") as rollup:
            found = re.search(r"^Rss:\s+(\d+) kB", rollup.read(), re.MULTILINE)
        return int(found.group(1))

    def _kill(self):
        if self.process:
            end_group(self.process)
            self.process = None


def start_group(command, **options):
    """Starts a command in a process group of its own."""
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(command, start_new_session=True, **options)


def end_group(process):
    """Kills what is left of the group and reaps its leader."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
