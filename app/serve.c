/* `bobbin serve`: the routes, and HTTP on them. Main thread. */
#include <errno.h>
#include <string.h>

#include "commands.h"
#include "console.h"
#include "handlers.h"
#include "pages.h"
#include "run.h"

static const char *const echo_fields[] = {"Content-Type", NULL};

static const struct run_words words = {.does = "serves", .invite = "In a browser:", .url = true};

int serve_run(const struct options *options)
{
    const struct bobbin_route routes[] = {
        {.pattern = "/", .methods = BOBBIN_GET, .handler = handle_front},
        {.pattern = "/hello", .methods = BOBBIN_GET, .handler = handle_hello},
        {.pattern = "/healthz", .methods = BOBBIN_GET, .handler = handle_healthz},
        /* Streamed in constant memory: as long as the client likes, unless the owner set a limit. */
        {.pattern = "/echo",
         .methods = BOBBIN_POST | BOBBIN_PUT,
         .handler = handle_echo,
         .fields = echo_fields,
         .max_body = options->max_body_given ? 0 : BOBBIN_UNLIMITED},
    };
    struct bobbin_config config;

    bobbin_config_init(&config);
    config.protocol = BOBBIN_HTTP;
    config.routes = routes;
    config.route_count = sizeof routes / sizeof *routes;
    run_configure(&config, options);

    pages_make(options->name);
    console_open(!options->quiet);
    if (options->access_log != NULL && console_open_log(options->access_log) != 0) {
        fprintf(stderr, "bobbin: cannot open the access log %s: %s\n", options->access_log, strerror(errno));
        return EXIT_FAILED;
    }
    if (!options->quiet)
        config.connected = console_connected;
    if (!options->quiet || options->access_log != NULL)
        config.finished = console_finished;
    return run_server(&config, &words);
}
