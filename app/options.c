/* The options of bobbin's commands: one table says what there is, what it takes, and what the help prints.
 * Main thread only. */
#include "options.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "bobbin/bobbin.h"
#include "values.h"

enum kind { KIND_NUMBER, KIND_SIZE, KIND_TIME, KIND_ADDRESS, KIND_FOLDER, KIND_FILE, KIND_TEXT, KIND_FLAG };

struct option_row {
    const char *name;
    char letter; /* 0: none */
    enum kind kind;
    unsigned commands;
    size_t offset; /* of the value in struct options: uint64_t, const char *, bool; of an address: unused */
    uint64_t min, max;
    const char *help;
};

#define AT(member) offsetof(struct options, member)
#define KIB        ((uint64_t)1024)
#define MIB        (1024 * KIB)
#define GIB        (1024 * MIB)
#define DAY_MS     ((uint64_t)24 * 60 * 60 * 1000)
#define SERVE      COMMAND_SERVE
#define SERVERS    (COMMAND_SERVE | COMMAND_ECHO)
#define ALL        (SERVERS | COMMAND_CONNECT)

static const struct option_row rows[] = {
    {"port", 'p', KIND_NUMBER, SERVERS, AT(port), 0, 65535, "port to listen on, 0 for any that is free"},
    {"bind", 0, KIND_ADDRESS, SERVERS, 0, 0, 0, "listen on this address only; may be repeated"},
    {"backlog", 0, KIND_NUMBER, SERVERS, AT(backlog), 1, 65535, "connections that wait to be accepted"},
    {"max-clients", 0, KIND_NUMBER, SERVERS, AT(max_clients), 1, 65535, "clients served at once"},
    {"stack", 0, KIND_SIZE, SERVERS, AT(stack), 4 * KIB, 64 * MIB, "stack of each client's thread"},
    {"buffer", 0, KIND_SIZE, SERVERS, AT(buffer), 512, 16 * MIB, "buffer of each client"},
    {"per-address", 0, KIND_NUMBER, SERVERS, AT(per_address), 0, 65535, "of them from one address, 0 for no cap"},
    {"idle-timeout", 0, KIND_TIME, SERVERS, AT(idle_timeout), 1, DAY_MS, "a client may be idle this long"},
    {"request-timeout", 0, KIND_TIME, SERVE, AT(request_timeout), 1, DAY_MS, "the head of a request may take this"},
    {"body-timeout", 0, KIND_TIME, SERVE, AT(body_timeout), 1, DAY_MS, "the body of a request may take this"},
    {"send-timeout", 0, KIND_TIME, SERVERS, AT(send_timeout), 1, DAY_MS, "sending an answer may take this"},
    {"min-rate", 0, KIND_SIZE, SERVERS, AT(min_rate), 1, GIB, "bytes a second that earn more time"},
    {"max-body", 0, KIND_SIZE, SERVE, AT(max_body), 1, 1024 * GIB, "largest body; /echo has a limit only if given"},
    {"max-head", 0, KIND_SIZE, SERVE, AT(max_head), 512, 16 * MIB, "largest head of a request"},
    {"root", 0, KIND_FOLDER, SERVE, AT(root), 1, 4095, "serve the files of this folder"},
    {"list", 0, KIND_FLAG, SERVE, AT(list), 0, 0, "list folders that have no index.html"},
    {"dot-files", 0, KIND_FLAG, SERVE, AT(dot_files), 0, 0, "serve names that begin with a dot too"},
    {"types", 0, KIND_FILE, SERVE, AT(types), 1, 4095, "media types, in the format of mime.types"},
    {"cache-control", 0, KIND_TEXT, SERVE, AT(cache_control), 0, 128, "of files (no-cache); '' sends none"},
    {"access-log", 0, KIND_FILE, SERVE, AT(access_log), 1, 4095, "append a line a request, - for stdout"},
    {"name", 0, KIND_TEXT, SERVE, AT(name), 1, 64, "the device's name on its page (the host's)"},
    {"stack-report", 0, KIND_FLAG, SERVERS, AT(stack_report), 0, 0, "tell at exit how deep the stacks were used"},
    {"quiet", 'q', KIND_FLAG, SERVERS, AT(quiet), 0, 0, "print the start lines only"},
    {"help", 'h', KIND_FLAG, ALL, AT(help), 0, 0, "print this help"},
};

#define ROWS (sizeof rows / sizeof *rows)

/* What getopt_long gives for a row that has no letter. */
#define FIRST_LONG 256

static uint64_t *number_at(struct options *options, const struct option_row *row)
{
    return (uint64_t *)(void *)((char *)options + row->offset);
}

static void set_defaults(struct options *options)
{
    long least = sysconf(_SC_THREAD_STACK_MIN);
    struct bobbin_config config;

    bobbin_config_init(&config);
    memset(options, 0, sizeof *options);
    options->port = config.port;
    options->backlog = (uint64_t)config.backlog;
    options->max_clients = config.max_clients;
    options->per_address = config.per_address;
    options->stack = config.stack_bytes;
    /* glibc takes no less than 128 KiB on some machines: there the default is what works. */
    if (least > 0 && (uint64_t)least > options->stack)
        options->stack = (uint64_t)least;
    options->buffer = config.buffer_bytes;
    options->idle_timeout = config.idle_timeout_ms;
    options->request_timeout = config.request_timeout_ms;
    options->body_timeout = config.body_timeout_ms;
    options->send_timeout = config.send_timeout_ms;
    options->min_rate = config.min_rate;
    options->max_body = config.max_body;
    options->max_head = config.max_head;
}

/* What an option takes, as the help names it. */
static const char *kind_name(const struct option_row *row)
{
    switch (row->kind) {
    case KIND_NUMBER:
        return " N";
    case KIND_SIZE:
        return " SIZE";
    case KIND_TIME:
        return " TIME";
    case KIND_ADDRESS:
        return " ADDR";
    case KIND_FOLDER:
        return " DIR";
    case KIND_FILE:
        return " FILE";
    case KIND_TEXT:
        return " TEXT";
    case KIND_FLAG:
        break;
    }
    return "";
}

static void print_value(enum kind kind, uint64_t value, char *text, size_t size)
{
    if (kind == KIND_SIZE)
        value_print_size(value, text, size);
    else if (kind == KIND_TIME)
        value_print_time(value, text, size);
    else
        snprintf(text, size, "%" PRIu64, value);
}

void options_print(enum command command, FILE *out)
{
    struct options defaults;

    set_defaults(&defaults);
    fputs("\nOptions:\n", out);
    for (size_t i = 0; i < ROWS; i++) {
        const struct option_row *row = &rows[i];
        char value[VALUE_TEXT];
        int width;

        if (!(row->commands & command))
            continue;
        width = row->letter ? fprintf(out, "  -%c, ", row->letter) : fprintf(out, "      ");
        width += fprintf(out, "--%s%s", row->name, kind_name(row));
        fprintf(out, "%*s%s", width < 29 ? 29 - width : 1, "", row->help);
        if (row->kind == KIND_NUMBER || row->kind == KIND_SIZE || row->kind == KIND_TIME) {
            print_value(row->kind, *number_at(&defaults, row), value, sizeof value);
            fprintf(out, " (%s)", value);
        }
        fputc('\n', out);
    }
    if (command & SERVERS)
        fputs("\nSIZE is in bytes: 512, 16K, 1M. TIME has a unit: 500ms, 15s, 2m.\n", out);
}

static int refuse_value(const struct option_row *row, const char *text, const char *why, const char *takes)
{
    fprintf(stderr, "bobbin: --%s: '%s' %s; it takes %s", row->name, text, why, takes);
    if (row->kind == KIND_NUMBER || row->kind == KIND_SIZE || row->kind == KIND_TIME) {
        char min[VALUE_TEXT], max[VALUE_TEXT];

        print_value(row->kind, row->min, min, sizeof min);
        print_value(row->kind, row->max, max, sizeof max);
        fprintf(stderr, "from %s to %s", min, max);
    }
    fputc('\n', stderr);
    return EXIT_USAGE;
}

static int set_number(struct options *options, const struct option_row *row, const char *text)
{
    static const char *const takes[] = {"a number ", "bytes such as 16K, ",
                                        "a number with its unit, such as 500ms, 15s or 2m, "};
    static const char *const is_not[] = {"is not a number", "is not a size", "is not a time"};
    bool (*const read[])(const char *, uint64_t *) = {value_number, value_size, value_time};
    uint64_t value;

    if (!read[row->kind](text, &value))
        return refuse_value(row, text, is_not[row->kind], takes[row->kind]);
    if (value < row->min || value > row->max)
        return refuse_value(row, text, "is out of range", takes[row->kind]);
    *number_at(options, row) = value;
    if (row->offset == AT(max_body))
        options->max_body_given = true;
    if (row->offset == AT(per_address))
        options->per_address_given = true;
    return EXIT_OK;
}

static int set_address(struct options *options, const struct option_row *row, const char *text)
{
    char bare[INET6_ADDRSTRLEN];
    size_t length = strcspn(text, "%"); /* "fe80::1%eth0": the part behind is the port's to judge */
    struct in6_addr ip;

    if (length < sizeof bare) {
        memcpy(bare, text, length);
        bare[length] = '\0';
    }
    if (length >= sizeof bare || (inet_pton(AF_INET6, bare, &ip) != 1 && inet_pton(AF_INET, text, &ip) != 1))
        return refuse_value(row, text, "is not an address",
                            "a numeric IPv4 or IPv6 address, such as 192.168.0.7 or ::1");
    if (options->address_count == BOBBIN_LISTENERS) {
        fprintf(stderr, "bobbin: --%s: '%s' is one too many; it takes up to %d addresses\n", row->name, text,
                BOBBIN_LISTENERS);
        return EXIT_USAGE;
    }
    options->addresses[options->address_count++] = text;
    return EXIT_OK;
}

static int set_text(struct options *options, const struct option_row *row, const char *text)
{
    size_t length = strlen(text);
    bool clean = length >= row->min && length <= row->max;

    for (const char *at = text; clean && row->kind == KIND_TEXT && *at != '\0'; at++)
        clean = (unsigned char)*at >= ' ' && *at != 0x7f;
    if (!clean) {
        fprintf(stderr, "bobbin: --%s: '%s' is too short, too long or unprintable; it takes %d to %d bytes of text\n",
                row->name, text, (int)row->min, (int)row->max);
        return EXIT_USAGE;
    }
    *(const char **)(void *)((char *)options + row->offset) = text;
    return EXIT_OK;
}

static int set_value(struct options *options, const struct option_row *row, const char *text)
{
    switch (row->kind) {
    case KIND_NUMBER:
    case KIND_SIZE:
    case KIND_TIME:
        return set_number(options, row, text);
    case KIND_ADDRESS:
        return set_address(options, row, text);
    case KIND_FOLDER:
    case KIND_FILE:
    case KIND_TEXT:
        return set_text(options, row, text);
    case KIND_FLAG:
        *(bool *)(void *)((char *)options + row->offset) = true;
        break;
    }
    return EXIT_OK;
}

int options_complain(const char *what, const char *argument)
{
    if (argument != NULL)
        fprintf(stderr, "bobbin: %s '%s'\n", what, argument);
    else
        fprintf(stderr, "bobbin: %s\n", what);
    fputs("Try 'bobbin --help'.\n", stderr);
    return EXIT_USAGE;
}

/* The row that getopt_long means, NULL where it means none. */
static const struct option_row *row_of(int value, enum command command)
{
    for (size_t i = 0; i < ROWS; i++) {
        if ((rows[i].commands & command) && (value == FIRST_LONG + (int)i || (value != 0 && value == rows[i].letter)))
            return &rows[i];
    }
    return NULL;
}

/* getopt_long said ':' (a value is missing) or '?' (no such option, or one that takes no value got one). */
static int complain_option(int said, enum command command, char **argv)
{
    const struct option_row *row = row_of(optopt, command);
    char letter[3] = {'-', (char)optopt, '\0'};

    if (row == NULL && optopt != 0)
        return options_complain("unknown option", letter);
    if (row == NULL)
        return options_complain("unknown or ambiguous option", argv[optind - 1]);
    return options_complain(said == ':' ? "a value is missing behind" : "no value goes with", argv[optind - 1]);
}

int options_read(struct options *options, enum command command, int argc, char **argv, int *first)
{
    struct option table[ROWS + 1];
    char letters[2 * ROWS + 2] = ":";
    size_t count = 0, letter_count = 1;
    int said;

    set_defaults(options);
    for (size_t i = 0; i < ROWS; i++) {
        bool has_value = rows[i].kind != KIND_FLAG;

        if (!(rows[i].commands & command))
            continue;
        table[count++] = (struct option){
            .name = rows[i].name, .has_arg = has_value ? required_argument : no_argument, .val = FIRST_LONG + (int)i};
        if (rows[i].letter) {
            letters[letter_count++] = rows[i].letter;
            if (has_value)
                letters[letter_count++] = ':';
        }
    }
    table[count] = (struct option){.name = NULL};
    letters[letter_count] = '\0';

    opterr = 0;
    while ((said = getopt_long(argc, argv, letters, table, NULL)) != -1) {
        const struct option_row *row = row_of(said, command);
        int status;

        if (row == NULL)
            return complain_option(said, command, argv);
        status = set_value(options, row, optarg);
        if (status != EXIT_OK)
            return status;
    }
    *first = optind;
    return EXIT_OK;
}
