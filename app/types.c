/* Reads a file of media types once, at start. Main thread. */
#include "types.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANK " \t\r\n"

static int complain(const char *path, int number)
{
    fprintf(stderr, "bobbin: cannot read %s: %s\n", path, strerror(number));
    return -1;
}

/* A type, a slash, a subtype, and nothing that a field's value cannot hold. */
static bool is_type(const char *word)
{
    const char *slash = strchr(word, '/');

    for (const char *at = word; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~')
            return false;
    return slash != NULL && slash != word && slash[1] != '\0' && slash[1] != ';';
}

/* A copy; text is UTF-8 unless the file says otherwise. NULL: no memory. */
static char *copy_type(const char *word)
{
    static const char charset[] = "; charset=utf-8";
    char *type = malloc(strlen(word) + sizeof charset);

    if (type != NULL) {
        strcpy(type, word);
        if (strncmp(word, "text/", 5) == 0 && strchr(word, ';') == NULL)
            strcat(type, charset);
    }
    return type;
}

static char *copy_lower(const char *word)
{
    char *copy = strdup(word);

    for (char *at = copy; at != NULL && *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return copy;
}

static void free_row(struct bobbin_media_type *row)
{
    free((void *)(uintptr_t)row->extension);
    free((void *)(uintptr_t)row->type);
}

static int add_row(struct types *types, const char *extension, const char *type)
{
    struct bobbin_media_type *rows = realloc(types->rows, (types->count + 1) * sizeof *rows);
    struct bobbin_media_type row = {copy_lower(extension), copy_type(type)};
    size_t at = 0;

    if (rows != NULL)
        types->rows = rows;
    if (rows == NULL || row.extension == NULL || row.type == NULL) {
        free_row(&row);
        return -1;
    }
    while (at < types->count && strcmp(rows[at].extension, row.extension) != 0)
        at++;
    if (at < types->count)
        free_row(&rows[at]);
    else
        types->count++;
    rows[at] = row;
    return 0;
}

static int read_line(struct types *types, const char *path, unsigned number, char *line)
{
    char *rest = NULL, *type = strtok_r(line, BLANK, &rest), *extension;

    if (type == NULL || *type == '#')
        return 0;
    if (!is_type(type)) {
        fprintf(stderr, "bobbin: %s:%u: it does not begin with a media type such as text/html\n", path, number);
        return -1;
    }
    while ((extension = strtok_r(NULL, BLANK, &rest)) != NULL && *extension != '#')
        if (add_row(types, extension, type) != 0)
            return complain(path, ENOMEM);
    return 0;
}

static int compare_rows(const void *a, const void *b)
{
    return strcmp(((const struct bobbin_media_type *)a)->extension, ((const struct bobbin_media_type *)b)->extension);
}

int types_read(struct types *types, const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    int result = 0;

    *types = (struct types){NULL, 0};
    if (file == NULL)
        return complain(path, errno);
    errno = 0;
    for (unsigned number = 1; result == 0 && getline(&line, &size, file) >= 0; number++)
        result = read_line(types, path, number, line);
    if (result == 0 && ferror(file))
        result = complain(path, errno);
    free(line);
    fclose(file);
    if (types->count > 0)
        qsort(types->rows, types->count, sizeof *types->rows, compare_rows);
    if (result != 0)
        types_free(types);
    return result;
}

void types_free(struct types *types)
{
    for (size_t i = 0; i < types->count; i++)
        free_row(&types->rows[i]);
    free(types->rows);
    *types = (struct types){NULL, 0};
}
