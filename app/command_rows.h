/* The commands of a program. */
#ifndef COMMAND_ROWS_H
#define COMMAND_ROWS_H

#include <stddef.h>

#include "options.h"

#define DEFAULT_PORT "1234"

struct command_row {
    const char *name;
    enum command command;
    const char *summary; /* its line of the program's help */
    const char *usage;   /* of its own help, and what that says */
    const char *help;
    int (*run)(int count, char **arguments); /* of a command that takes arguments; NULL: it takes options alone */
};

/* Each program has its own: bobbin's in command_rows.c. */
extern const struct command_row command_rows[];
extern const size_t command_count;

#endif
