/* The options of bobbin's commands, as the table in option_rows.h tells. Main thread only. */
#include "options.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "bobbin/bobbin.h"
#include "line.h"
#include "option_rows.h"
#include "say.h"
#include "values.h"

/* Where the help of an option begins. */
#define HELP_COLUMN 29

static uint64_t *number_at(struct options *options, const struct option_row *row)
{
    return (uint64_t *)(void *)((char *)options + row->offset);
}

static void set_defaults(struct options *options)
{
    const uint64_t least = (uint64_t)PTHREAD_STACK_MIN;
    struct bobbin_config config;

    bobbin_config_init(&config);
    memset(options, 0, sizeof *options);
    options->port = config.port;
    options->backlog = (uint64_t)config.backlog;
    options->max_clients = config.max_clients;
    options->per_address = config.per_address;
    options->stack = config.stack_bytes;
    /* glibc takes no less than 128 KiB on some machines: there the default is what works. */
    if (least > options->stack)
        options->stack = least;
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

static bool is_number(const struct option_row *row)
{
    return row->kind == KIND_NUMBER || row->kind == KIND_SIZE || row->kind == KIND_TIME;
}

static void print_value(enum kind kind, uint64_t value, char text[VALUE_TEXT])
{
    if (kind == KIND_SIZE)
        value_print_size(value, text);
    else if (kind == KIND_TIME)
        value_print_time(value, text);
    else
        value_print_number(value, text);
}

/* "  -p, --port N              port to listen on, 0 for any that is free (1234)" */
static void print_row(const struct option_row *row, uint64_t value)
{
    char room[HELP_COLUMN], text[VALUE_TEXT];
    struct line line = {.data = room, .size = sizeof room};

    line_text(&line, "  ");
    line_bytes(&line, (char[]){row->letter ? '-' : ' ', row->letter ? row->letter : ' ', row->letter ? ',' : ' '}, 3);
    line_text(&line, " --");
    line_text(&line, row->name);
    line_text(&line, kind_name(row));
    while (line.length < sizeof room)
        line_text(&line, " ");
    print_value(row->kind, value, text);
    say(is_number(row) ? "%.*s%s (%s)\n" : "%.*s%s\n", (int)line.length, room, row->help, text);
}

void options_print(enum command command)
{
    struct options defaults;

    set_defaults(&defaults);
    say("\nOptions:\n");
    for (size_t i = 0; i < option_count; i++)
        if (option_rows[i].commands & command)
            print_row(&option_rows[i], is_number(&option_rows[i]) ? *number_at(&defaults, &option_rows[i]) : 0);
    if (command & SERVERS)
        say("\nSIZE is in bytes: 512, 16K, 1M. TIME has a unit: 500ms, 15s, 2m.\n");
}

static int refuse_value(const struct option_row *row, const char *text, const char *why, const char *takes)
{
    char min[VALUE_TEXT], max[VALUE_TEXT];

    print_value(row->kind, row->min, min);
    print_value(row->kind, row->max, max);
    say_error(is_number(row) ? "--%s: '%s' %s; it takes %sfrom %s to %s\n" : "--%s: '%s' %s; it takes %s\n",
              row->name, text, why, takes, min, max);
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
        say_error("--%s: '%s' is one too many; it takes up to %u addresses\n", row->name, text,
                  (unsigned)BOBBIN_LISTENERS);
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
        say_error("--%s: '%s' is too short, too long or unprintable; it takes %u to %u bytes of text\n", row->name,
                  text, (unsigned)row->min, (unsigned)row->max);
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
    static const char advice[] = "\nTry '" BOBBIN_PROGRAM " --help'.\n";

    if (argument != NULL)
        say_error("%s '%s'%s", what, argument, advice);
    else
        say_error("%s%s", what, advice);
    return EXIT_USAGE;
}

/* The one row whose name begins so; NULL: there is none, or there are several and none is called so. */
static const struct option_row *find_name(const char *name, size_t length, enum command command)
{
    const struct option_row *found = NULL;
    size_t count = 0;

    for (size_t i = 0; i < option_count; i++) {
        if (!(option_rows[i].commands & command) || strncmp(option_rows[i].name, name, length) != 0)
            continue;
        if (option_rows[i].name[length] == '\0')
            return &option_rows[i];
        found = &option_rows[i];
        count++;
    }
    return count == 1 ? found : NULL;
}

static const struct option_row *find_letter(char letter, enum command command)
{
    for (size_t i = 0; i < option_count; i++) {
        if ((option_rows[i].commands & command) && option_rows[i].letter == letter)
            return &option_rows[i];
    }
    return NULL;
}

/* "--name", "--name=value", or "--name" and the argument behind it; `*at` is its index, and then that of its last
 * part. */
static int read_name(struct options *options, enum command command, char **argv, int *at)
{
    const char *option = argv[*at], *name = option + 2;
    size_t length = strcspn(name, "=");
    const char *value = name[length] == '=' ? name + length + 1 : NULL;
    const struct option_row *row = find_name(name, length, command);

    if (row == NULL)
        return options_complain("unknown or ambiguous option", option);
    if (row->kind == KIND_FLAG && value != NULL)
        return options_complain("no value goes with", option);
    if (row->kind != KIND_FLAG && value == NULL && (value = argv[++*at]) == NULL)
        return options_complain("a value is missing behind", option);
    return set_value(options, row, value);
}

/* "-q", "-qp80", or "-qp" and the argument behind it. */
static int read_letters(struct options *options, enum command command, char **argv, int *at)
{
    const char *option = argv[*at];
    int status = EXIT_OK;

    for (const char *letter = option + 1; status == EXIT_OK && *letter != '\0'; letter++) {
        const struct option_row *row = find_letter(*letter, command);
        const char *value = letter + 1;

        if (row == NULL)
            return options_complain("unknown option", (char[]){'-', *letter, '\0'});
        if (row->kind != KIND_FLAG && *value == '\0' && (value = argv[++*at]) == NULL)
            return options_complain("a value is missing behind", option);
        status = set_value(options, row, value);
        if (row->kind != KIND_FLAG)
            break;
    }
    return status;
}

int options_read(struct options *options, enum command command, char **argv, int *count)
{
    bool ended = false;
    int status = EXIT_OK;

    set_defaults(options);
    *count = 0;
    for (int at = 1; status == EXIT_OK && argv[at] != NULL; at++) {
        char *argument = argv[at];

        if (ended || argument[0] != '-' || argument[1] == '\0')
            argv[(*count)++] = argument;
        else if (strcmp(argument, "--") == 0)
            ended = true;
        else if (argument[1] == '-')
            status = read_name(options, command, argv, &at);
        else
            status = read_letters(options, command, argv, &at);
    }
    return status;
}
