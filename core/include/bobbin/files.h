/* Files from a folder, on systems that have some.
 *
 *     static struct bobbin_files files;
 *     if (bobbin_files_open(&files, "/srv/www") == BOBBIN_OK) ...
 *     {"/" "*", BOBBIN_GET, bobbin_serve_files, &files, bobbin_content_fields, 0},
 *
 * Nothing outside the folder is ever served. Nothing is cached: each request opens its file. A buffer of 1 KiB
 * or more holds a file's head beside the request's. */
#ifndef BOBBIN_FILES_H
#define BOBBIN_FILES_H

#include "bobbin/content.h"

#ifdef __cplusplus
extern "C" {
#endif

struct bobbin_media_type {
    const char *extension; /* lower case, without the dot */
    const char *type;
};

/* Set what differs from zero before bobbin_files_open; from then on it is only read, by all clients at once. */
struct bobbin_files {
    bool list;                             /* folders without an index.html: a page that lists them; else 404. Links
                                            * that leave their folder are not listed, though they may be served */
    bool dot_files;                        /* names that begin with a dot are served and listed too */
    const char *cache_control;             /* NULL: "no-cache"; "": none is sent */
    const struct bobbin_media_type *types; /* looked at before the built-in ones: in the order of extensions' bytes */
    size_t type_count;
    intptr_t root; /* set by bobbin_files_open */
};

/* NOT_FOUND; DENIED; INVALID: not a folder, or types out of order; NO_FILES. */
int bobbin_files_open(struct bobbin_files *files, const char *folder);
void bobbin_files_close(struct bobbin_files *files); /* after the server that used it */

/* A handler for a route that ends in "*": the file that the rest of the path names below the folder; "index.html" of
 * a folder; 301 to the slash at a folder's end. Beside "name" a file "name.br" or "name.gz" is sent to who accepts
 * that coding. 404 for all else: what is not there, what may not be read, names that begin with a dot, paths with
 * "..", "//", an encoded slash, a backslash, a control character, or bytes that are not UTF-8. */
int bobbin_serve_files(struct bobbin_exchange *x, void *files);

#ifdef __cplusplus
}
#endif

#endif
