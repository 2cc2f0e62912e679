/* `bobbin serve`: the routes, and HTTP on them. Main thread. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "bobbin/files.h"
#include "bobbin/pages.h"
#include "commands.h"
#include "console.h"
#include "handlers.h"
#include "name.h"
#include "run.h"
#include "say.h"
#include "types.h"
#include "why.h"
#include "www.h"

#define ROOT_BUFFER 1024 /* a file's head takes some 350 bytes beside the request's */
#define LIST_BUFFER 4096 /* whatever head fits leaves room for a listing */

static const char *const echo_fields[] = {"Content-Type", NULL};

/* What "/" and all that has no route of its own is answered from. */
struct source {
    struct bobbin_files files;
    struct types types;
};

static int open_source(struct source *source, const struct options *options)
{
    int error;

    if (options->types != NULL && types_read(&source->types, options->types) != 0)
        return -1;
    source->files = (struct bobbin_files){.list = options->list,
                                          .dot_files = options->dot_files,
                                          .cache_control = options->cache_control,
                                          .types = source->types.rows,
                                          .type_count = source->types.count};
    error = bobbin_files_open(&source->files, options->root);
    if (error == BOBBIN_OK)
        return 0;
    say_error("cannot serve %s: %s\n", options->root,
              error == BOBBIN_NOT_FOUND ? "there is no such folder"
              : error == BOBBIN_INVALID ? "it is not a folder"
                                        : bobbin_error_text(error));
    types_free(&source->types);
    return -1;
}

static int open_console(struct bobbin_config *config, const struct options *options)
{
    console_open(!options->quiet);
    if (options->access_log != NULL && console_open_log(options->access_log) != 0) {
        say_error("cannot open the access log %s: %s\n", options->access_log, why_text(errno));
        return -1;
    }
    if (!options->quiet)
        config->connected = console_connected;
    if (!options->quiet || options->access_log != NULL)
        config->finished = console_finished;
    return 0;
}

static int serve_from(struct source *source, const struct options *options)
{
    const bool disk = options->root != NULL;
    const struct bobbin_route routes[] = {
        {.pattern = "/hello", .methods = BOBBIN_GET, .handler = handle_hello},
        {.pattern = "/healthz", .methods = BOBBIN_GET, .handler = handle_healthz},
        {.pattern = "/name",
         .methods = BOBBIN_GET,
         .handler = handle_name,
         .context = (void *)name_find(options->name)},
        /* Streamed in constant memory: as long as the client likes, unless the owner set a limit. */
        {.pattern = "/echo",
         .methods = BOBBIN_POST | BOBBIN_PUT,
         .handler = handle_echo,
         .fields = echo_fields,
         .max_body = options->max_body_given ? 0 : BOBBIN_UNLIMITED},
        {.pattern = "/*",
         .methods = BOBBIN_GET,
         .handler = disk ? bobbin_serve_files : bobbin_serve_pages,
         .context = disk ? (void *)&source->files : (void *)(uintptr_t)&www,
         .fields = bobbin_content_fields},
    };
    const struct run_words words = {
        .does = "serves", .invite = "In a browser:", .path = disk ? "/" : "/hello", .files = disk ? 3 : 0};
    struct bobbin_config config;

    bobbin_config_init(&config);
    config.routes = routes;
    config.route_count = sizeof routes / sizeof *routes;
    run_configure(&config, options);
    return open_console(&config, options) == 0 ? run_server(&config, &words, options) : EXIT_FAILED;
}

/* Options that would do nothing are mistakes. */
static int check_options(const struct options *options)
{
    const char *alone = options->list                    ? "--list"
                        : options->dot_files             ? "--dot-files"
                        : options->types != NULL         ? "--types"
                        : options->cache_control != NULL ? "--cache-control"
                                                         : NULL;

    if (options->root == NULL && alone != NULL)
        return options_complain("only with --root goes", alone);
    if (options->root != NULL && options->buffer < ROOT_BUFFER)
        return options_complain("--root needs a --buffer of 1K or more", NULL);
    if (options->list && options->buffer < LIST_BUFFER)
        return options_complain("--list needs a --buffer of 4K or more", NULL);
    return EXIT_OK;
}

int serve_run(const struct options *options)
{
    struct source source = {.types = {.arena = NULL}};
    int status = check_options(options);

    if (status != EXIT_OK)
        return status;
    if (options->root == NULL)
        return serve_from(&source, options);
    if (open_source(&source, options) != 0)
        return EXIT_FAILED;
    status = serve_from(&source, options);
    bobbin_files_close(&source.files);
    types_free(&source.types);
    return status;
}
