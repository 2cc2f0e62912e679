/* The other side of the POSIX port: plain sockets to 127.0.0.1 and ::1. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contract.h"
#include "posix.h"

#define PATIENCE_S 60 /* then a test that hangs is killed */

static void give_up(const char *what)
{
    perror(what);
    abort();
}

static int open_files(void)
{
    int count = 0;
    DIR *directory = opendir("/proc/self/fd");

    if (directory == NULL)
        give_up("/proc/self/fd");
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

static int files_before;

static void begin(void)
{
    files_before = open_files();
    alarm(PATIENCE_S);
}

static void end(void)
{
    alarm(0);
    assert_int_equal(open_files(), files_before); /* neither the test nor the port left one open */
}

/* -- a client -- */

static intptr_t connect_to(const struct port_address *to, struct port_address *from)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(to->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(to->port)};
    int small = 16384; /* so that a sender soon stands still */

    memcpy(&v4.sin_addr, to->ip, 4);
    memcpy(&v6.sin6_addr, to->ip, 16);
    struct sockaddr *address = to->version == 4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    socklen_t length = to->version == 4 ? sizeof v4 : sizeof v6;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        give_up("socket");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (connect(fd, address, length) != 0 || getsockname(fd, address, &length) != 0)
        give_up("connect");
    *from = *to;
    from->port = ntohs(to->version == 4 ? v4.sin_port : v6.sin6_port);
    return fd;
}

static void send_all(intptr_t client, const void *data, size_t length)
{
    if (send((int)client, data, length, MSG_NOSIGNAL) != (ssize_t)length)
        give_up("send");
}

static size_t read_all(intptr_t client, void *buffer, size_t size)
{
    size_t got = 0;

    while (got < size) {
        ssize_t more = recv((int)client, (char *)buffer + got, size - got, 0);
        if (more < 0)
            give_up("recv");
        if (more == 0)
            break;
        got += (size_t)more;
    }
    return got;
}

static void finish(intptr_t client)
{
    shutdown((int)client, SHUT_WR);
}

static void leave(intptr_t client)
{
    close((int)client);
}

static void reset(intptr_t client)
{
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    setsockopt((int)client, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close((int)client);
}

/* -- time -- */

static void pass(uint64_t ms)
{
    (void)ms; /* it passes by itself */
}

/* -- the system -- */

static void no_files(bool none)
{
    static struct rlimit before;

    if (!none) {
        setrlimit(RLIMIT_NOFILE, &before);
        return;
    }
    int lowest = fcntl(0, F_DUPFD_CLOEXEC, 0);
    if (lowest < 0 || getrlimit(RLIMIT_NOFILE, &before) != 0)
        give_up("getrlimit");
    close(lowest);
    struct rlimit full = {.rlim_cur = (rlim_t)lowest, .rlim_max = before.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &full) != 0)
        give_up("setrlimit");
}

static int first_free_port(void)
{
    int first = 1024;
    FILE *file = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "re");

    if (file != NULL) {
        if (fscanf(file, "%d", &first) != 1)
            first = 0;
        fclose(file);
    }
    return first;
}

static int listen_without_rights(uint16_t port)
{
    int status = 0;

    if (first_free_port() <= port)
        return 1;
    pid_t child = fork();
    if (child == 0) {
        struct port_socket listener;
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(255);
        _exit(-port_listen(&listener, "127.0.0.1", port, 1));
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        give_up("fork");
    return WEXITSTATUS(status) == 255 ? 1 : -WEXITSTATUS(status);
}

static bool sends_at_once(const struct port_socket *socket)
{
    int on = 0;
    socklen_t length = sizeof on;
    getsockopt((int)socket->handle, IPPROTO_TCP, TCP_NODELAY, &on, &length);
    return on != 0;
}

static bool find_v6(void)
{
    struct sockaddr_in6 loopback = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool has = bind(fd, (struct sockaddr *)&loopback, sizeof loopback) == 0;
    close(fd);
    return has;
}

/* contract-posix [--old | --contained] [FILTER] */
int main(int argc, char **argv)
{
    struct contract_peer peer = {
        .begin = begin,
        .end = end,
        .has_v6 = find_v6(),
        .connect = connect_to,
        .send = send_all,
        .read = read_all,
        .finish = finish,
        .leave = leave,
        .reset = reset,
        .settle = posix_settle,
        .pass = pass,
        .no_files = no_files,
        .listen_without_rights = listen_without_rights,
        .sends_at_once = sends_at_once,
        .tree = &posix_tree,
    };
    bool old = argc > 1 && strcmp(argv[1], "--old") == 0, contained = argc > 1 && strcmp(argv[1], "--contained") == 0;
    int options = old || contained;
    const char *filter = argc > 1 + options ? argv[1 + options] : NULL;
    if ((old && !posix_become_old()) || (contained && !posix_become_contained())) {
        puts("Skipped: no filter of system calls can be set here");
        return 77;
    }
    int failed = options ? contract_run_with_files(&peer, filter) : contract_run(&peer, filter);
    return failed + contract_run_posix();
}
