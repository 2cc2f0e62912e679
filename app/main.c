/* The bobbin program: which command it is, help and version. Main thread. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "command_rows.h"
#include "commands.h"
#include "say.h"

static const struct command_row *find_command(const char *name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(command_rows[i].name, name) == 0)
            return &command_rows[i];
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
    say("Usage: " BOBBIN_PROGRAM " %s %s\n%s\n", row->name, row->usage, row->help);
    options_print(row->command);
    return finish_output();
}

static int print_program_help(void)
{
    say("Usage: " BOBBIN_PROGRAM " COMMAND [OPTION]...\n"
        "A web server for small devices.\n\n"
        "Commands:\n");
    for (size_t i = 0; i < command_count; i++)
        say("  %s\n", command_rows[i].summary);
    say("  help [COMMAND]       print the options of a command\n\n"
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

static int run_command(const struct command_row *row, char **argv)
{
    struct options options;
    int count, status = options_read(&options, row->command, argv, &count);

    if (status != EXIT_OK)
        return status;
    if (options.help)
        return print_command_help(row);
    if (row->run != NULL)
        return row->run(count, argv);
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
