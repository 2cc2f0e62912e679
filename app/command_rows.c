/* The commands of bobbin. Main thread. */
#include "command_rows.h"

#include "commands.h"
#include "say.h"
#include "values.h"

static int connect_arguments(int count, char **arguments)
{
    const char *port = count > 1 ? arguments[1] : DEFAULT_PORT;
    uint64_t number;

    if (count == 0)
        return options_complain("connect needs a host, such as 192.168.0.7", NULL);
    if (count > 2)
        return options_complain("connect takes no more than a host and a port, and here is", arguments[2]);
    if (!value_number(port, &number) || number < 1 || number > 65535) {
        say_error("'%s' is not a port; connect takes a number from 1 to 65535\n", port);
        return EXIT_USAGE;
    }
    return connect_run(arguments[0], (uint16_t)number);
}

const struct command_row command_rows[] = {
#include "commands.def"
    {"connect", COMMAND_CONNECT, "connect HOST [PORT]  send what is typed, print what comes back", "HOST [PORT]",
     "Connect to HOST by TCP, port " DEFAULT_PORT " unless told; send what is typed, a line\n"
     "at a time, and print what comes back, until the input ends or the server leaves.",
     connect_arguments},
};

const size_t command_count = sizeof command_rows / sizeof *command_rows;
