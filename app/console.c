/* What the program tells of its clients: lines on stdout, and the access log.
 * Runs on clients' threads, so without printf and large locals; one mutex guards both outputs. */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "line.h"
#include "request_line.h"

/* A pipe takes lines up to PIPE_BUF whole or not at all. */
#define OUTPUT_BYTES PIPE_BUF

#define LAST_MS 1000

struct output {
    int fd;           /* -1: none */
    bool asks;        /* writing to fd may block: ask poll first */
    bool told;        /* the line begins with the count of lost ones */
    size_t sent;      /* of the line: a terminal may take a part of it */
    uint64_t lost;    /* lines since the last that was written */
    struct line line; /* empty unless a part of it is still to be sent */
    char *room;       /* OUTPUT_BYTES */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char console_room[OUTPUT_BYTES], log_room[OUTPUT_BYTES];
static struct output console = {.fd = -1, .room = console_room};
static struct output log_file = {.fd = -1, .room = log_room};
static struct output *access_log; /* NULL: none */
static const char *log_path;
static bool shows_lines;

static void output_init(struct output *output, int fd, bool asks)
{
    output->fd = fd;
    output->asks = asks;
    output->line = (struct line){.data = output->room, .length = 0, .size = OUTPUT_BYTES};
}

static void flush(struct output *output)
{
    struct pollfd ready = {.fd = output->fd, .events = POLLOUT};

    while (output->sent < output->line.length) {
        ssize_t count;

        if (output->asks && poll(&ready, 1, 0) != 1)
            return;
        count = write(output->fd, output->room + output->sent, output->line.length - output->sent);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return;
        output->sent += (size_t)count;
    }
    output->line.length = 0;
    output->sent = 0;
}

/* An empty line to fill; NULL, and the line is lost, where an earlier one is not out yet. */
static struct line *begin(struct output *output)
{
    flush(output);
    if (output->line.length != 0) {
        output->lost++;
        return NULL;
    }
    output->told = output->lost != 0;
    if (output->told) {
        line_text(&output->line, "(");
        line_number(&output->line, output->lost);
        line_text(&output->line, output->lost == 1 ? " line lost)\n" : " lines lost)\n");
    }
    return &output->line;
}

static void end(struct output *output)
{
    line_text(&output->line, "\n");
    flush(output);
    if (output->line.length != 0 && output->sent == 0) {
        output->line.length = 0;
        output->lost++;
    } else if (output->told) {
        output->lost = 0;
    }
}

/* A description of stdout of our own that never blocks: O_NONBLOCK on fd 1 itself would change it for the shell
 * and everybody else who has it. Files do not block and share their offset: they stay as they are. */
static void open_stdout(void)
{
    struct stat is;
    int fd = -1;

    if (fstat(STDOUT_FILENO, &is) != 0)
        return;
    if (S_ISFIFO(is.st_mode) || S_ISCHR(is.st_mode))
        fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    output_init(&console, fd >= 0 ? fd : STDOUT_FILENO, fd < 0 && !S_ISREG(is.st_mode));
}

void console_open(bool lines)
{
    open_stdout();
    shows_lines = lines && console.fd >= 0;
}

static int open_log(void)
{
    return open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);
}

int console_open_log(const char *path)
{
    int fd;

    if (strcmp(path, "-") == 0) {
        access_log = &console;
        return 0;
    }
    log_path = path;
    fd = open_log();
    if (fd < 0)
        return -1;
    output_init(&log_file, fd, false);
    access_log = &log_file;
    return 0;
}

int console_reopen_log(void)
{
    int fd, old;

    if (log_path == NULL)
        return 0;
    fd = open_log();
    if (fd < 0)
        return -1;
    pthread_mutex_lock(&mutex);
    old = log_file.fd;
    log_file.fd = fd;
    pthread_mutex_unlock(&mutex);
    close(old);
    return 0;
}

void console_connected(void *context, const struct bobbin_peer *peer)
{
    (void)context;
    if (!shows_lines)
        return;
    pthread_mutex_lock(&mutex);
    struct line *line = begin(&console);
    if (line != NULL) {
        line_text(line, "Connected with ");
        line_text(line, peer->text);
        end(&console);
    }
    pthread_mutex_unlock(&mutex);
}

static void log_request(const struct bobbin_exchange *x, const struct bobbin_peer *peer)
{
    struct line *line = begin(access_log);
    uint64_t bytes = bobbin_reply_bytes(x);

    if (line == NULL)
        return;
    line_bytes(line, peer->text + peer->address_start, peer->address_length);
    line_text(line, " - - [");
    line_date(line, (int64_t)time(NULL));
    line_text(line, "]");
    line_request(line, x);
    if (bytes != 0)
        line_number(line, bytes);
    else
        line_text(line, "-");
    end(access_log);
}

static void show_request(const struct bobbin_exchange *x, const struct bobbin_peer *peer)
{
    struct line *line = begin(&console);

    if (line == NULL)
        return;
    line_text(line, peer->text);
    line_request(line, x);
    line_number(line, bobbin_reply_bytes(x));
    end(&console);
}

void console_finished(void *context, const struct bobbin_exchange *x)
{
    struct bobbin_peer peer;

    (void)context;
    bobbin_peer(x, &peer);
    pthread_mutex_lock(&mutex);
    if (shows_lines)
        show_request(x, &peer);
    if (access_log != NULL && access_log->fd >= 0)
        log_request(x, &peer);
    pthread_mutex_unlock(&mutex);
}

void console_close(const char *last)
{
    struct pollfd ready = {.fd = console.fd, .events = POLLOUT};
    struct line *line;

    if (console.fd < 0 || (last == NULL && console.lost == 0 && console.line.length == 0))
        return;
    (void)poll(&ready, 1, LAST_MS);
    pthread_mutex_lock(&mutex);
    line = begin(&console);
    if (line != NULL && last != NULL) {
        line_text(line, last);
        end(&console);
    } else {
        flush(&console);
    }
    pthread_mutex_unlock(&mutex);
}
