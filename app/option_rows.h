/* One table says which options there are, what they take, and what the help prints. */
#ifndef OPTION_ROWS_H
#define OPTION_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "options.h"

enum kind { KIND_NUMBER, KIND_SIZE, KIND_TIME, KIND_ADDRESS, KIND_FOLDER, KIND_FILE, KIND_TEXT, KIND_FLAG };

struct option_row {
    char name[16];
    const char *help;
    uint64_t max;
    uint16_t min;
    uint16_t offset; /* of the value in struct options: uint64_t, const char *, bool; of an address: unused */
    uint8_t kind;
    uint8_t commands;
    char letter; /* 0: none */
};

/* Each program has its own: bobbin's in option_rows.c. */
extern const struct option_row option_rows[];
extern const size_t option_count;

/* For the rows. */
#define AT(member) offsetof(struct options, member)
#define KIB        ((uint64_t)1024)
#define MIB        (1024 * KIB)
#define GIB        (1024 * MIB)
#define DAY_MS     ((uint64_t)24 * 60 * 60 * 1000)
#define SERVE      COMMAND_SERVE
#define SERVERS    (COMMAND_SERVE | COMMAND_ECHO)
#define ALL        (SERVERS | COMMAND_CONNECT)

#endif
