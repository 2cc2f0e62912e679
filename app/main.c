/* The bobbin program: which command it is, help and version. Main thread. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "say.h"
#include "values.h"

#define DEFAULT_PORT "1234"

struct command_row {
    const char *name;
    enum command command;
    const char *usage;
    const char *help;
};

static const struct command_row rows[] = {
    {"serve", COMMAND_SERVE, "[OPTION]...",
     "Serve HTTP: /hello, /name, /echo, /healthz, and at / a page or the files of a\n"
     "folder. One thread a client, each on a capped stack; all memory is known at\n"
     "start. SIGTERM or SIGINT ends it, SIGHUP opens the access log anew."},
    {"echo", COMMAND_ECHO, "[OPTION]...",
     "Answer \"OK...\" and the bytes that came, to every piece that a TCP client sends,\n"
     "until it leaves."},
    {"connect", COMMAND_CONNECT, "HOST [PORT]",
     "Connect to HOST by TCP, port " DEFAULT_PORT " unless told; send what is typed, a line\n"
     "at a time, and print what comes back, until the input ends or the server leaves."},
};

#define ROWS (sizeof rows / sizeof *rows)

static const struct command_row *find_command(const char *name)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    return NULL;
}

/* Help that did not arrive is a failure too: `bobbin --help > /dev/full`. */
static int finish_output(void)
{
    return say_arrived() ? EXIT_OK : EXIT_FAILED;
}

static int print_command_help(const struct command_row *row)
{
    say("Usage: bobbin %s %s\n%s\n", row->name, row->usage, row->help);
    options_print(row->command);
    return finish_output();
}

static int print_program_help(void)
{
    say("Usage: bobbin COMMAND [OPTION]...\n"
        "A web server for small devices.\n\n"
        "Commands:\n"
        "  serve                serve HTTP on port " DEFAULT_PORT "\n"
        "  echo                 answer \"OK...\" and what came, on TCP port " DEFAULT_PORT "\n"
        "  connect HOST [PORT]  send what is typed, print what comes back\n"
        "  help [COMMAND]       print the options of a command\n\n"
        "Options:\n"
        "  -h, --help           print this help; behind a command, its help\n"
        "  -V, --version        print the version\n");
    return finish_output();
}

static int help_command(int argc, char **argv)
{
    const struct command_row *row;

    if (argc < 2)
        return print_program_help();
    row = find_command(argv[1]);
    if (row == NULL)
        return options_complain("unknown command", argv[1]);
    return print_command_help(row);
}

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

static int run_command(const struct command_row *row, char **argv)
{
    struct options options;
    int count, status = options_read(&options, row->command, argv, &count);

    if (status != EXIT_OK)
        return status;
    if (options.help)
        return print_command_help(row);
    if (row->command == COMMAND_CONNECT)
        return connect_arguments(count, argv);
    if (count > 0)
        return options_complain("only options go here, and here is", argv[0]);
    return row->command == COMMAND_SERVE ? serve_run(&options) : echo_run(&options);
}

/* A standard stream that is closed would be the number of the first client's socket, and the console's lines would
 * go there. */
static void open_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", O_RDWR);
    }
}

int main(int argc, char **argv)
{
    const struct command_row *row;

    open_standard_streams();
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2)
        return options_complain("a command is missing", NULL);
    if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
        return print_program_help();
    if (strcmp(argv[1], "-V") == 0 || strcmp(argv[1], "--version") == 0) {
        say("bobbin " BOBBIN_VERSION "\n");
        return finish_output();
    }
    if (strcmp(argv[1], "help") == 0)
        return help_command(argc - 1, argv + 1);
    row = find_command(argv[1]);
    if (row == NULL)
        return options_complain(argv[1][0] == '-' ? "unknown option" : "unknown command", argv[1]);
    return run_command(row, argv + 1);
}
