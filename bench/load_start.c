/*
 * Milliseconds from exec to the first answer: starts a server, finds its
 * address, asks once, ends it. With a port given it knocks there until the
 * server listens, else it reads the address from the server's output.
 */
#include "load.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* Starts the server with its standard output in the pipe. */
static pid_t spawn(char **command, const int out[2])
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int error;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    error = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (!error)
        return pid;
    fprintf(stderr, "load: %s: %s\n", command[0], strerror(error));
    return -1;
}

/* The port in "http://127.0.0.1:PORT/"; 0: the server did not tell in time. */
static uint16_t read_port(int from, unsigned timeout_ms)
{
    static const char prefix[] = "http://127.0.0.1:";
    char text[4096];
    size_t used = 0;
    struct pollfd output = {.fd = from, .events = POLLIN};

    while (used < sizeof text - 1 && poll(&output, 1, (int)timeout_ms) == 1) {
        ssize_t got = read(from, text + used, sizeof text - 1 - used);
        char *url, *end = text;
        unsigned long port;

        if (got <= 0)
            break;
        used += (size_t)got;
        text[used] = 0;
        url = strstr(text, prefix);
        port = url ? strtoul(url + sizeof prefix - 1, &end, 10) : 0;
        if (port > 0 && port <= UINT16_MAX && *end == '/')
            return (uint16_t)port;
    }
    return 0;
}

static int connect_in_time(uint16_t port, uint64_t deadline_ns)
{
    const struct in_addr here = {htonl(INADDR_LOOPBACK)};
    int fd;

    while ((fd = load_connect(here, port, false)) < 0 && errno == ECONNREFUSED &&
           load_now_ns() < deadline_ns)
        nanosleep(&(struct timespec){0, 50000}, NULL);
    return fd;
}

static bool ask_once(int fd, const struct load_options *options)
{
    struct load_reply known = {0};
    struct timeval limit = {.tv_sec = options->timeout_ms / 1000 + 1};
    char text[LOAD_REPLY_MAX];
    size_t used = load_format_request(text, sizeof text, options);
    ssize_t length = 0;

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (send(fd, text, used, MSG_NOSIGNAL) != (ssize_t)used)
        return false;
    for (used = 0; length == 0 && used < sizeof text;) {
        ssize_t got = recv(fd, text + used, sizeof text - used, 0);

        if (got <= 0)
            return false;
        used += (size_t)got;
        length = load_check_reply(&known, text, used);
    }
    return length > 0;
}

int load_start(const struct load_options *options)
{
    struct load_options asked = *options;
    uint64_t began, deadline;
    bool answered = false;
    int out[2];
    int fd = -1;
    pid_t pid;

    if (pipe(out) < 0)
        return 1;
    began = load_now_ns();
    deadline = began + (uint64_t)options->timeout_ms * 1000000u;
    pid = spawn(options->command, out);
    close(out[1]);
    if (pid < 0)
        return 1;
    if (!asked.port)
        asked.port = read_port(out[0], options->timeout_ms);
    if (asked.port)
        fd = connect_in_time(asked.port, deadline);
    if (fd >= 0)
        answered = ask_once(fd, &asked);
    if (answered)
        printf("{\"start_ms\": %.3f}\n", (double)(load_now_ns() - began) / 1e6);
    else
        fprintf(stderr, "load: no answer from %s\n", options->command[0]);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    if (fd >= 0)
        close(fd);
    close(out[0]);
    return answered ? 0 : 1;
}
