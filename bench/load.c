/*
 * load: the client side of every figure in bench/run. Options, then one of
 * its modes; a line of JSON on standard output, status 1 if a reply was wrong.
 */
#include "load.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: load rate --port P [--address A] [--connections N] [--depth N] [--close] [--threads N]\n"
    "                 [--path P] [--body-file FILE] [--warmup MS] [--duration MS] [--pid SERVER]\n"
    "       load hold --port P [--connections N] [--again] [--timeout MS]\n"
    "       load start [--port P] [--timeout MS] -- SERVER ARGUMENTS...\n";

static const struct option long_options[] = {
    {"port", required_argument, NULL, 'p'},      {"connections", required_argument, NULL, 'c'},
    {"depth", required_argument, NULL, 'd'},     {"threads", required_argument, NULL, 't'},
    {"warmup", required_argument, NULL, 'w'},    {"duration", required_argument, NULL, 'm'},
    {"timeout", required_argument, NULL, 'o'},   {"pid", required_argument, NULL, 'i'},
    {"close", no_argument, NULL, 'x'},           {"again", no_argument, NULL, 'a'},
    {"path", required_argument, NULL, 'P'},      {"body-file", required_argument, NULL, 'b'},
    {"address", required_argument, NULL, 'A'},   {NULL, 0, NULL, 0},
};

static bool parse_number(const char *text, unsigned max, unsigned *number)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    *number = (unsigned)value;
    return end != text && *end == 0 && text[0] != '-' && value <= max;
}

static bool set_path(struct load_options *options, const char *path)
{
    options->path = path;
    return path[0] == '/' && strlen(path) < LOAD_PATH_MAX;
}

static bool set_option(struct load_options *options, int name, const char *text)
{
    unsigned number = 0;

    if (name == 'x')
        return options->close = true;
    if (name == 'a')
        return options->again = true;
    if (name == 'P')
        return set_path(options, text);
    if (name == 'A')
        return inet_aton(text, &options->address) != 0;
    if (name == 'b')
        return (options->body_file = text) != NULL;
    if (name == '?' || !parse_number(text, 4194304, &number))
        return false;
    switch (name) {
    case 'p':
        options->port = (uint16_t)number;
        return number > 0 && number <= UINT16_MAX;
    case 'c':
        options->connections = number;
        return number > 0;
    case 'd':
        options->depth = number;
        return number > 0 && number <= LOAD_DEPTH_MAX;
    case 't':
        options->threads = number;
        return number > 0 && number <= LOAD_THREADS_MAX;
    case 'w':
        options->warmup_ms = number;
        return true;
    case 'm':
        options->duration_ms = number;
        return number > 0;
    case 'o':
        options->timeout_ms = number;
        return number > 0;
    default:
        options->pid = (pid_t)number;
        return true;
    }
}

static bool parse(struct load_options *options, int argc, char **argv)
{
    int name;

    while ((name = getopt_long(argc, argv, "+", long_options, NULL)) != -1)
        if (!set_option(options, name, optarg))
            return false;
    options->command = argv + optind;
    if (options->close)
        options->depth = 1;
    if (options->body_file && (options->close || options->depth > 1))
        return false;
    return options->threads <= options->connections;
}

int main(int argc, char **argv)
{
    struct load_options options = {.address.s_addr = htonl(INADDR_LOOPBACK),
                                   .connections = 1,
                                   .depth = 1,
                                   .threads = 1,
                                   .warmup_ms = 200,
                                   .duration_ms = 1000,
                                   .timeout_ms = 10000,
                                   .path = "/hello"};
    const char *mode = argc > 1 ? argv[1] : "";

    if (argc > 1 && parse(&options, argc - 1, argv + 1)) {
        if (strcmp(mode, "rate") == 0 && options.port && !options.command[0])
            return load_rate(&options);
        if (strcmp(mode, "hold") == 0 && options.port && !options.command[0])
            return load_hold(&options);
        if (strcmp(mode, "start") == 0 && options.command[0])
            return load_start(&options);
    }
    fputs(usage, stderr);
    return 2;
}
