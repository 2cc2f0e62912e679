/* Pages inside the binary: a folder made into read-only data when the program is built, by CMake's
 *
 *     bobbin_embed(my_program www)        # www.h declares: extern const struct bobbin_pages www;
 *
 *     #include "www.h"
 *     {"/" "*", BOBBIN_GET, bobbin_serve_pages, (void *)&www, bobbin_content_fields, 0},
 *
 * No file system and no RAM: bytes go from read-only memory to the network. */
#ifndef BOBBIN_PAGES_H
#define BOBBIN_PAGES_H

#include "bobbin/content.h"

#ifdef __cplusplus
extern "C" {
#endif

struct bobbin_page {
    const char *path; /* "/css/site.css", as bobbin_path tells it */
    const char *type; /* Content-Type */
    const char *etag; /* of the content's hash, with quotes */
    const char *gzip_etag;
    const unsigned char *data;
    const unsigned char *gzip; /* the same, compressed; NULL where that is not smaller */
    size_t length, gzip_length;
    bool immutable; /* the name carries a hash: another content has another name */
};

struct bobbin_pages {
    const struct bobbin_page *pages; /* in the order of their paths' bytes */
    size_t count;
};

/* A handler: `pages` is a struct bobbin_pages. The page that the path names; its "index.html" for a path that ends in
 * a slash; 301 to the slash where there are only pages below it; else 404. Cache-Control is "no-cache" (kept, but
 * asked for each time), or a year and "immutable". */
int bobbin_serve_pages(struct bobbin_exchange *x, void *pages);

#ifdef __cplusplus
}
#endif

#endif
