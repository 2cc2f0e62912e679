/*
 * GET /hello with civetweb. Its worker threads are all started at once and
 * each is held by its connection, so there must be as many as clients.
 *
 * civetweb CLIENTS prints http://127.0.0.1:PORT/hello and runs until killed.
 */
#include <civetweb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int answer(struct mg_connection *connection, void *context)
{
    static const char hello[] = "Hello, World!\n";

    (void)context;
    mg_send_http_ok(connection, "text/plain; charset=utf-8", sizeof hello - 1);
    mg_write(connection, hello, sizeof hello - 1);
    return 200;
}

int main(int argc, char **argv)
{
    unsigned long clients = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    char threads[16];
    /* Keep-alive is off by default; without tcp_nodelay its two sends a reply
     * meet the delayed acknowledgement, 40 ms each. */
    const char *options[] = {"listening_ports", "127.0.0.1:0",
                             "num_threads", threads,
                             "enable_keep_alive", "yes",
                             "keep_alive_timeout_ms", "60000",
                             "request_timeout_ms", "60000",
                             "tcp_nodelay", "1",
                             NULL};
    struct mg_context *server;
    struct mg_server_port port;

    if (clients < 1 || clients > 20000) {
        fprintf(stderr, "usage: civetweb CLIENTS\n");
        return 2;
    }
    snprintf(threads, sizeof threads, "%lu", clients);
    mg_init_library(0);
    server = mg_start(NULL, NULL, options);
    if (!server || mg_get_server_ports(server, 1, &port) != 1) {
        fprintf(stderr, "civetweb: did not start\n");
        return 1;
    }
    mg_set_request_handler(server, "/hello", answer, NULL);
    printf("http://127.0.0.1:%d/hello\n", port.port);
    fflush(stdout);
    for (;;)
        pause();
}
