/* The options of bobbin's commands, read from the command line. Main thread only. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bobbin/config.h"

/* Exit statuses. */
enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* One bit each, so that an option can say which commands have it. */
enum command { COMMAND_SERVE = 1 << 0, COMMAND_ECHO = 1 << 1, COMMAND_CONNECT = 1 << 2 };

/* Values as the table fills them in; times in ms, sizes in bytes. */
struct options {
    uint64_t port, backlog, max_clients, per_address;
    uint64_t stack, buffer, max_head, max_body, min_rate;
    uint64_t idle_timeout, request_timeout, body_timeout, send_timeout;
    const char *addresses[BOBBIN_LISTENERS];
    size_t address_count;
    const char *root;          /* NULL: the pages inside the program */
    const char *types;         /* NULL: the built-in ones alone */
    const char *cache_control; /* NULL: the default */
    const char *access_log;    /* NULL: none; "-": stdout */
    const char *name;          /* NULL: the host's */
    /* Of bobbin-lwip alone; NULL: not given. */
    const char *tap, *address, *gateway, *mac;
    bool list, dot_files, max_body_given, per_address_given, stack_report, quiet, help;
};

/* Defaults, and over them what argv says, which a NULL ends (argv[0] is the command). EXIT_OK, and argv begins with
 * the `*count` arguments that are no options; else the error is told and the result is the exit status. */
int options_read(struct options *options, enum command command, char **argv, int *count);

/* The options that a command has, a line each, with their defaults, on stdout. */
void options_print(enum command command);

/* "bobbin: ..." and the way to the help on stderr; returns EXIT_USAGE. */
int options_complain(const char *what, const char *argument);

#endif
