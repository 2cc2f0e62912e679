"""Gets what the run needs: packages from apt, and the programs built."""
import os
import shutil
import subprocess
import sys

# What must be there, how to see it, and the Debian package that brings it.
TOOLS = {"cmake": "cmake", "ninja": "ninja-build", "cc": "gcc libc6-dev", "strip": "binutils"}
PEERS = {
    "nginx": ("nginx", "nginx"),
    "lighttpd": ("lighttpd", "lighttpd"),
    "mhd": ("microhttpd.h", "libmicrohttpd-dev"),
    "civetweb": ("civetweb.h", "libcivetweb-dev"),
}

# Installing a server would start a service, and enable it for the next boot:
# policy-rc.d (101: not allowed) forbids the first, systemctl undoes the second.
INSTALL = r"""
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    trap 'exit 1' INT TERM HUP
    printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy
fi
export DEBIAN_FRONTEND=noninteractive
install="apt-get install -y -q --no-install-recommends"
$install "$@" || { apt-get update -q && $install "$@"; } || exit
for service in nginx lighttpd; do
    case " $* " in *" $service "*)
        if command -v systemctl > /dev/null; then
            systemctl disable --now $service.service > /dev/null 2>&1
        fi ;;
    esac
done
exit 0
"""


class PrepareError(Exception):
    """The run cannot start."""


def find_program(name):
    """Path of a program; also in sbin, which users do not have on their path."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def has_header(name):
    return subprocess.run(["cc", "-E", "-x", "c", "-include", name, os.devnull],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def peer_is_there(name):
    what = PEERS[name][0]
    return has_header(what) if what.endswith(".h") else bool(find_program(what))


def install(packages):
    """Installs with apt as root or by sudo without a password; False: could not."""
    if not packages:
        return True
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (root and not shutil.which("sudo")):
        return False
    print("installing " + " ".join(packages), file=sys.stderr)
    return subprocess.run(root + ["sh", "-c", INSTALL, "sh"] + packages,
                          stdout=sys.stderr, check=False).returncode == 0


def ensure_packages(names, may_install):
    """Returns {peer: why it is missing}; raises if a tool is."""
    wanted = [TOOLS[tool].split() for tool in TOOLS if not shutil.which(tool)]
    packages = [package for group in wanted for package in group]
    if packages and not (may_install and install(packages)):
        raise PrepareError("needed and not there: " + " ".join(packages))
    absent = [name for name in names if name in PEERS and not peer_is_there(name)]
    if absent and may_install:
        install([PEERS[name][1] for name in absent])
    return {name: PEERS[name][1] + " is not installed"
            for name in absent if not peer_is_there(name)}


def build(source, folder, options=()):
    """Configures and builds; the output is shown only when it fails."""
    generator = [] if os.path.exists(os.path.join(folder, "CMakeCache.txt")) else ["-G", "Ninja"]
    for command in (["cmake", "-S", source, "-B", folder, "-DCMAKE_BUILD_TYPE=Release",
                     *generator, *options],
                    ["cmake", "--build", folder]):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        if done.returncode:
            raise PrepareError(done.stdout + "\nfailed: " + " ".join(command))


def build_bobbin(root):
    folder = os.path.join(root, "build", "release")
    if not os.path.exists(os.path.join(root, "CMakeLists.txt")):
        raise PrepareError("no CMakeLists.txt in " + root)
    build(root, folder)
    return os.path.join(folder, "bobbin")


def keep_copy(program, copy):
    """A build that goes on meanwhile must not change what is measured."""
    try:
        shutil.copy2(program, copy + ".new")
    except OSError as error:
        raise PrepareError(str(error)) from error
    os.replace(copy + ".new", copy)
    return copy
