/* HTTP: handlers, and the pages of app/www. Clients' threads. */
#include <zephyr/sys/printk.h>

#include "bobbin/pages.h"
#include "sample.h"
#ifdef CONFIG_SAMPLE_HTTP
#include "www.h"
#endif

#define PIECE_BYTES 128 /* of a body, on the stack */

static int hello(struct bobbin_exchange *x, void *context)
{
    (void)context;
    return bobbin_reply_text(x, "Hello, World!\n");
}

static int healthz(struct bobbin_exchange *x, void *context)
{
    (void)context;
    return bobbin_reply_text(x, "ok\n");
}

static int name(struct bobbin_exchange *x, void *context)
{
    (void)context;
    return bobbin_reply_text(x, CONFIG_BOARD);
}

static int echo(struct bobbin_exchange *x, void *context)
{
    int64_t length = bobbin_body_length(x);
    char piece[PIECE_BYTES];
    int count = 0, result = bobbin_header(x, "Content-Type", "application/octet-stream");

    (void)context;
    if (result == BOBBIN_OK && length >= 0)
        result = bobbin_length(x, (uint64_t)length);
    while (result == BOBBIN_OK && (count = bobbin_read(x, piece, sizeof piece)) > 0)
        result = bobbin_write(x, piece, (size_t)count);
    return result != BOBBIN_OK ? result : count;
}

/* How deep the clients' stacks were used so far: "1512 of 2560\n". */
static int stack(struct bobbin_exchange *x, void *context)
{
    char text[32];
    int length = snprintk(text, sizeof text, "%zu of %d\n", bobbin_stack_peak(sample_server), BOBBIN_STACK_BYTES);

    (void)context;
    return bobbin_reply(x, "text/plain", text, (size_t)length);
}

#ifdef CONFIG_SAMPLE_STOP
static int stop(struct bobbin_exchange *x, void *context)
{
    (void)context;
    bobbin_stop(sample_server);
    return bobbin_reply_text(x, "stops\n");
}
#endif

static const struct bobbin_route routes[] = {
#ifdef CONFIG_SAMPLE_STOP
    {"/stop", BOBBIN_POST, stop, NULL, NULL, 0},
#endif
    {"/hello", BOBBIN_GET, hello, NULL, NULL, 0},
    {"/healthz", BOBBIN_GET, healthz, NULL, NULL, 0},
    {"/name", BOBBIN_GET, name, NULL, NULL, 0},
    {"/echo", BOBBIN_POST | BOBBIN_PUT, echo, NULL, NULL, BOBBIN_UNLIMITED},
    {"/stack", BOBBIN_GET, stack, NULL, NULL, 0},
#ifdef CONFIG_SAMPLE_HTTP
    {"/*", BOBBIN_GET, bobbin_serve_pages, (void *)&www, bobbin_content_fields, 0},
#endif
};

void sample_configure(struct bobbin_config *config)
{
    bobbin_config_init(config);
    config->routes = routes;
    config->route_count = sizeof routes / sizeof *routes;
}
