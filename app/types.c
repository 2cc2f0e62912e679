/* Reads a file of media types once, at start. Main thread. */
#include "types.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "arena.h"
#include "say.h"
#include "text.h"
#include "why.h"

static int complain(const char *path, int number)
{
    say_error("cannot read %s: %s\n", path, why_text(number));
    return -1;
}

/* A type, a slash, a subtype, and nothing that a field's value cannot hold. */
static bool is_type(const char *word)
{
    const char *slash = strchr(word, '/');

    for (const char *at = word; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~')
            return false;
    return slash != NULL && slash != word && slash[1] != '\0' && slash[1] != ';' && word[strlen(word) - 1] != ';';
}

static void lower(char *word)
{
    for (; *word != '\0'; word++)
        if (*word >= 'A' && *word <= 'Z')
            *word = (char)(*word - 'A' + 'a');
}

/* Text is UTF-8 unless the file says otherwise: the type is copied then, to where the arena's text ends. NULL: there
 * is no room. */
static const char *with_charset(const struct types *types, const char *type, char **end)
{
    static const char charset[] = "; charset=utf-8";
    size_t length = strlen(type);
    char *copy = *end;

    if (strncasecmp(type, "text/", 5) != 0 || strchr(type, ';') != NULL)
        return type;
    if ((size_t)((char *)types->rows - copy) < length + sizeof charset)
        return NULL;
    memcpy(copy, type, length);
    memcpy(copy + length, charset, sizeof charset);
    *end = copy + length + sizeof charset;
    return copy;
}

/* Keeps the rows in order. False: no room. */
static bool add_row(struct types *types, const char *extension, const char *type, const char *end)
{
    struct bobbin_media_type *rows = types->rows;
    size_t at = 0;
    int order = -1;

    while (at < types->count && (order = strcmp(rows[at].extension, extension)) < 0)
        at++;
    if (order != 0) {
        if ((size_t)((char *)rows - end) < sizeof *rows)
            return false;
        rows = --types->rows;
        memmove(rows, rows + 1, at * sizeof *rows);
        types->count++;
    }
    rows[at] = (struct bobbin_media_type){extension, type};
    return true;
}

static int read_line(struct types *types, const char *path, unsigned number, char *line, char **end)
{
    const char *type = text_word(&line);
    char *extension;

    if (type == NULL)
        return 0;
    if (!is_type(type)) {
        say_error("%s:%u: it does not begin with a media type such as text/html\n", path, number);
        return -1;
    }
    type = with_charset(types, type, end);
    while (type != NULL && (extension = text_word(&line)) != NULL) {
        lower(extension);
        if (!add_row(types, extension, type, *end))
            type = NULL;
    }
    return type == NULL ? complain(path, EFBIG) : 0;
}

int types_read(struct types *types, const char *path)
{
    char *text = arena_map(TYPES_BYTES), *line;
    char *end = text == NULL ? NULL : text_read(path, text, TYPES_BYTES / 2);
    int result = 0;

    *types = (struct types){.arena = text};
    if (end == NULL) {
        result = complain(path, errno);
    } else {
        types->rows = (void *)(text + TYPES_BYTES);
        for (unsigned number = 1; result == 0 && (line = text_line(&text)) != NULL; number++)
            result = read_line(types, path, number, line, &end);
    }
    if (result != 0)
        types_free(types);
    return result;
}

void types_free(struct types *types)
{
    if (types->arena != NULL)
        arena_unmap(types->arena, TYPES_BYTES);
    *types = (struct types){.arena = NULL};
}
