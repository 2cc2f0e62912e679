/* A program of somebody else's that carries its pages: two folders, the second below /ui. */
#include <bobbin/bobbin.h>
#include <bobbin/pages.h>
#include <stdio.h>

#include "nothing.h"
#include "ui.h"
#include "www.h"

static char memory[BOBBIN_MEMORY_BYTES(8, BOBBIN_STACK_BYTES, BOBBIN_BUFFER_BYTES)];

int main(void)
{
    static const struct bobbin_route routes[] = {
        {"/*", BOBBIN_GET, bobbin_serve_pages, (void *)&www, bobbin_content_fields, 0},
        {"/ui/*", BOBBIN_GET, bobbin_serve_pages, (void *)&ui, bobbin_content_fields, 0},
        {"/ui", BOBBIN_GET, bobbin_serve_pages, (void *)&ui, bobbin_content_fields, 0},
        {"/nothing/*", BOBBIN_GET, bobbin_serve_pages, (void *)&nothing, bobbin_content_fields, 0},
    };
    struct bobbin_config config;
    struct bobbin *server;
    bobbin_config_init(&config);
    config.routes = routes;
    config.route_count = sizeof routes / sizeof *routes;
    config.max_clients = 8;
    config.port = 0;
    if (bobbin_open(&server, &config, memory, sizeof memory, NULL) < 0)
        return 1;
    printf("http://localhost:%u/\n", bobbin_port(server));
    fflush(stdout);
    return bobbin_run(server);
}
