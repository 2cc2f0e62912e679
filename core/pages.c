/* Pages inside the binary: which one a path names. On the client's thread; pages are only read. */
#include "bobbin/pages.h"

#include <string.h>

#include "client.h"

/* Less than, equal to or greater than 0, as the page's path comes before, with or after `path` and `end` together. */
static int order(const char *page, struct bobbin_span path, const char *end)
{
    const struct bobbin_span parts[] = {path, span_of(end)};
    size_t left = strlen(page);
    for (size_t i = 0; i < 2; i++) {
        size_t length = left < parts[i].length ? left : parts[i].length;
        int difference = memcmp(page, parts[i].data, length);
        if (difference != 0 || length < parts[i].length)
            return difference != 0 ? difference : -1;
        page += length;
        left -= length;
    }
    return left > 0;
}

/* The first page that does not come before `path` and `end` together; NULL: all do. */
static const struct bobbin_page *find(const struct bobbin_pages *pages, struct bobbin_span path, const char *end)
{
    size_t low = 0, high = pages->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (order(pages->pages[middle].path, path, end) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < pages->count ? &pages->pages[low] : NULL;
}

/* Whether all of a folder's pages would begin with the path and a slash, and this is one. */
static bool is_below(const struct bobbin_page *page, struct bobbin_span path)
{
    return strlen(page->path) > path.length && memcmp(page->path, path.data, path.length) == 0 &&
           page->path[path.length] == '/';
}

static bool prefers_gzip(const struct bobbin_exchange *x)
{
    int gzip = bobbin_accepts_encoding(x, "gzip");
    return gzip > 0 && gzip >= bobbin_accepts_encoding(x, "identity");
}

static int reply_page(struct bobbin_exchange *x, const struct bobbin_page *page)
{
    struct bobbin_content content = {
        .type = page->type,
        .etag = page->etag,
        .modified = BOBBIN_TIME_UNKNOWN,
        .cache_control = page->immutable ? "max-age=31536000, immutable" : "no-cache",
        .varies = page->gzip != NULL,
        .length = page->length,
        .data = page->data,
    };
    if (page->gzip != NULL && prefers_gzip(x)) {
        content.etag = page->gzip_etag;
        content.encoding = "gzip";
        content.length = page->gzip_length;
        content.data = page->gzip;
    }
    return bobbin_reply_content(x, &content);
}

int bobbin_serve_pages(struct bobbin_exchange *x, void *context)
{
    const struct bobbin_pages *pages = context;
    struct bobbin_span path = bobbin_path(x);
    bool slash = path.data[path.length - 1] == '/';
    const char *end = slash ? "index.html" : "";
    const struct bobbin_page *page = find(pages, path, end);
    if (page != NULL && order(page->path, path, end) == 0)
        return reply_page(x, page);
    if (slash)
        return 404;
    page = find(pages, path, "/");
    return page != NULL && is_below(page, path) ? reply_redirect(x, 301) : 404;
}
