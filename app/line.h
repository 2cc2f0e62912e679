/* A line of text put together in fixed memory, without printf: client threads stand on small stacks. What does
 * not fit is left out. Pure; any thread. */
#ifndef LINE_H
#define LINE_H

#include <stddef.h>
#include <stdint.h>

struct line {
    char *data; /* not NUL-terminated */
    size_t length, size;
};

void line_bytes(struct line *line, const char *bytes, size_t length);
void line_text(struct line *line, const char *text);
void line_number(struct line *line, uint64_t value);

/* Text from the network: every byte outside 0x20 to 0x7e, and \ and ", as \xHH. Leaves `spare` bytes of the line
 * free: a longer text is cut, and ends in "...". */
void line_escaped(struct line *line, const char *bytes, size_t length, size_t spare);

/* "23/Nov/2026:11:42:37 +0000" (NCSA Common Log Format), of seconds since 1970-01-01 UTC. */
void line_date(struct line *line, int64_t seconds);

#endif
