/*
 * GET /hello with libmicrohttpd, a thread per connection, as its tutorial has
 * it: a reply is made for each request, as bobbin's handlers do. Stack size and
 * memory pool are left at the library's defaults; so is what a thread waits
 * with, select(), or it is poll() where the build defines WITH_POLL.
 *
 * mhd CLIENTS prints http://127.0.0.1:PORT/hello and runs until killed.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef WITH_POLL
#define WAITING MHD_USE_POLL
#else
#define WAITING 0
#endif

static char hello[] = "Hello, World!\n";

static enum MHD_Result answer(void *context, struct MHD_Connection *connection,
                              const char *url, const char *method,
                              const char *version, const char *upload,
                              size_t *upload_bytes, void **exchange)
{
    static int seen;

    (void)context, (void)version, (void)upload, (void)upload_bytes;
    if (strcmp(method, "GET") != 0 || strcmp(url, "/hello") != 0)
        return MHD_NO;
    /* The library calls twice: with the head, then when the body has ended. */
    if (*exchange != &seen) {
        *exchange = &seen;
        return MHD_YES;
    }
    struct MHD_Response *reply =
        MHD_create_response_from_buffer(strlen(hello), hello, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(reply, "Content-Type", "text/plain; charset=utf-8");
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, reply);
    MHD_destroy_response(reply);
    return result;
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned long clients = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    struct MHD_Daemon *daemon;

    if (clients < 1 || clients > 20000) {
        fprintf(stderr, "usage: mhd CLIENTS\n");
        return 2;
    }
    daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | WAITING,
        0, NULL, NULL, answer, NULL, MHD_OPTION_SOCK_ADDR, &address,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)clients, MHD_OPTION_END);
    if (!daemon) {
        fprintf(stderr, "mhd: did not start\n");
        return 1;
    }
    printf("http://127.0.0.1:%u/hello\n",
           MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    for (;;)
        pause();
}
