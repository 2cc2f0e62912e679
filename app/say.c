/* Text on stdout and stderr. Main thread. */
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "line.h"

/* Most lines leave in one call, so that those of several programs do not mix. */
#define ROOM_BYTES 512

struct speech {
    int fd;
    bool arrived;
    struct line line;
};

static bool stdout_works = true;

bool say_bytes(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = write(fd, bytes, length);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        bytes += count;
        length -= (size_t)count;
    }
    return true;
}

static void flush(struct speech *speech)
{
    speech->arrived &= say_bytes(speech->fd, speech->line.data, speech->line.length);
    speech->line.length = 0;
}

static void add(struct speech *speech, const char *bytes, size_t length)
{
    if (length > speech->line.size - speech->line.length)
        flush(speech);
    if (length > speech->line.size)
        speech->arrived &= say_bytes(speech->fd, bytes, length);
    else
        line_bytes(&speech->line, bytes, length);
}

static void add_number(struct speech *speech, uint64_t value)
{
    char digits[20];
    struct line number = {.data = digits, .size = sizeof digits};

    line_number(&number, value);
    add(speech, digits, number.length);
}

/* The format's own text up to the next %. */
static const char *add_plain(struct speech *speech, const char *format)
{
    size_t length = strcspn(format, "%");

    add(speech, format, length);
    return format + length;
}

static bool speak(int fd, const char *prefix, const char *format, va_list values)
{
    char room[ROOM_BYTES];
    struct speech speech = {.fd = fd, .arrived = true, .line = {.data = room, .size = sizeof room}};

    add(&speech, prefix, strlen(prefix));
    for (const char *at = add_plain(&speech, format); *at != '\0'; at = add_plain(&speech, at + 1)) {
        size_t bytes = sizeof(int), longest = SIZE_MAX;
        const char *text;

        if (*++at == '.') {
            at += 2; /* ".*" */
            longest = (size_t)va_arg(values, int);
        }
        for (; *at == 'l' || *at == 'z'; at++)
            bytes = *at == 'z' ? sizeof(size_t) : at[-1] == 'l' ? sizeof(long long) : sizeof(long);
        switch (*at) {
        case 's':
            text = va_arg(values, const char *);
            add(&speech, text, strnlen(text, longest));
            break;
        case 'c':
            add(&speech, &(char){(char)va_arg(values, int)}, 1);
            break;
        case 'u':
            add_number(&speech, bytes == sizeof(unsigned) ? va_arg(values, unsigned) : va_arg(values, uint64_t));
            break;
        default: /* "%%" */
            add(&speech, at, 1);
        }
    }
    flush(&speech);
    return speech.arrived;
}

void say(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    stdout_works &= speak(STDOUT_FILENO, "", format, values);
    va_end(values);
}

void say_error(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    (void)speak(STDERR_FILENO, "bobbin: ", format, values);
    va_end(values);
}

void say_advice(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    (void)speak(STDERR_FILENO, "", format, values);
    va_end(values);
}

bool say_arrived(void)
{
    return stdout_works;
}
