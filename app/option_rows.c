/* The options of bobbin. */
#include "option_rows.h"

const struct option_row option_rows[] = {
#include "options.def"
};

const size_t option_count = sizeof option_rows / sizeof *option_rows;
