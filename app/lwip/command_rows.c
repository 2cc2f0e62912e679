/* The commands of bobbin-lwip: those that serve. Main thread. */
#include "command_rows.h"

const struct command_row command_rows[] = {
#include "commands.def"
};

const size_t command_count = sizeof command_rows / sizeof *command_rows;
