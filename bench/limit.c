/*
 * The limit of the thread-per-client model: what is left when everything a
 * server does besides system calls is taken away. Threads take turns in
 * accept() on one listener, then block in recv() and answer each request with
 * a canned reply, a send each. Nothing is parsed; requests are counted by
 * their blank lines. A server with a thread per client can come near these
 * figures, not below them.
 *
 * limit THREADS prints http://127.0.0.1:PORT/hello and runs until killed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    STACK_BYTES = 16 * 1024,
    RECEIVE_BYTES = 2048, /* on the thread's stack: 16 pipelined GETs fit */
};

/* The size of bobbin's reply; a real date would cost a formatting a second. */
static const char reply[] = "HTTP/1.1 200 OK\r\n"
                            "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
                            "Content-Type: text/plain; charset=utf-8\r\n"
                            "Content-Length: 14\r\n"
                            "\r\n"
                            "Hello, World!\n";

/* Counts the blank lines in bytes; *matched carries "\r\n\r" across calls. */
static unsigned count_requests(const char *bytes, size_t count, unsigned *matched)
{
    static const char blank[] = "\r\n\r\n";
    unsigned found = 0;

    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == blank[*matched])
            ++*matched;
        else
            *matched = bytes[i] == '\r';
        if (*matched == 4) {
            found++;
            *matched = 0;
        }
    }
    return found;
}

static void serve_client(int client)
{
    char bytes[RECEIVE_BYTES];
    unsigned matched = 0;
    int closing = 0;

    while (!closing) {
        ssize_t got = recv(client, bytes, sizeof bytes, 0);

        if (got <= 0)
            return;
        closing = memmem(bytes, (size_t)got, "Connection: close", 17) != NULL;
        for (unsigned n = count_requests(bytes, (size_t)got, &matched); n > 0; n--)
            if (send(client, reply, sizeof reply - 1, MSG_NOSIGNAL) < 0)
                return;
    }
}

static void *take_turns(void *argument)
{
    int listener = *(const int *)argument;

    for (;;) {
        int client = accept(listener, NULL, NULL);

        if (client < 0) {
            /* Linux takes the descriptor before it waits: more threads than
             * descriptors must not spin here. */
            usleep(10000);
            continue;
        }
        serve_client(client);
        close(client);
    }
    return NULL;
}

static int open_listener(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    /* Accepted sockets inherit TCP_NODELAY: no call per client. */
    if (listener < 0 ||
        setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)) < 0 ||
        bind(listener, (struct sockaddr *)&address, length) < 0 ||
        listen(listener, SOMAXCONN) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        return -1;
    printf("http://127.0.0.1:%u/hello\n", ntohs(address.sin_port));
    return listener;
}

/*
 * One mapping for all stacks, a guard page below each. The kernel fills pages
 * on first touch, so what is resident is what the threads have used.
 */
static int start_threads(unsigned count, int *listener)
{
    size_t guard = (size_t)sysconf(_SC_PAGESIZE);
    size_t slot = guard + STACK_BYTES;
    char *arena = mmap(NULL, slot * count, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    pthread_attr_t attributes;

    if (arena == MAP_FAILED)
        return errno;
    pthread_attr_init(&attributes);
    for (unsigned i = 0; i < count; i++) {
        char *base = arena + i * slot;
        pthread_t thread;
        int error;

        if (mprotect(base, guard, PROT_NONE) < 0)
            return errno;
        error = pthread_attr_setstack(&attributes, base + guard, STACK_BYTES);
        if (!error)
            error = pthread_create(&thread, &attributes, take_turns, listener);
        if (error)
            return error;
    }
    return 0;
}

int main(int argc, char **argv)
{
    unsigned long threads = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    int listener;
    int error;

    if (threads < 1 || threads > 20000) {
        fprintf(stderr, "usage: limit THREADS\n");
        return 2;
    }
    listener = open_listener();
    if (listener < 0) {
        perror("limit: listener");
        return 1;
    }
    error = start_threads((unsigned)threads, &listener);
    if (error) {
        fprintf(stderr, "limit: thread: %s\n", strerror(error));
        return 1;
    }
    fflush(stdout); /* the address is told once somebody is there to answer */
    for (;;)
        pause();
}
