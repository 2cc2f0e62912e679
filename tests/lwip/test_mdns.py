"""The device is found by its name: mDNS tells of NAME.local, and of the page that browsers ask for (RFC 6763)."""

import harness
import mdns
from harness import EndToEnd


class Mdns(EndToEnd):
    def check(self, label, *options, path="/hello"):
        server = self.serve(*options)
        self.assertIn(f"  http://{label}.local:{server.port}{path}", server.start_lines())
        source = server.neighbour(1)
        address = (f"{label}.local", mdns.A, server.address)
        self.assertIn(address, mdns.ask(source, f"{label}.local", mdns.A, lambda told: address in told))
        service = f"{label}._http._tcp.local"
        pointer = ("_http._tcp.local", mdns.PTR, service)
        told = mdns.ask(source, "_http._tcp.local", mdns.PTR, lambda told: pointer in told)
        place = (service, mdns.SRV, (server.port, f"{label}.local"))
        text = (service, mdns.TXT, bytes([5 + len(path)]) + f"path={path}".encode())
        for record in (place, text):
            if record not in told:  # they may be told along with it
                mdns.ask(source, service, record[1], lambda told, record=record: record in told)

    def test_it_is_found_by_the_hosts_name(self):
        self.check(harness.NAME)

    def test_it_is_found_by_the_name_it_is_given(self):
        self.check("Green-house-1", "--name", "Green house <1>")

    def test_where_files_are_served_their_root_is_told(self):
        self.check("box", "--name", "box", "--root", "/tmp", path="/")

    def test_case_does_not_matter(self):
        server = self.serve("--name", "box")
        mdns.ask(server.neighbour(1), "BOX.LOCAL", mdns.A, lambda told: ("box.local", mdns.A, server.address) in told)


if __name__ == "__main__":
    harness.main()
