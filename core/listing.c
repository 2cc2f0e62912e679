/* A folder's page, in constant memory: the folder is read again for each batch of entries that fits the room there
 * is, so that any number of them comes out in order, unless it changes meanwhile. On the client's thread. */
#include "listing.h"

#include <string.h>

#include "client.h"
#include "file_path.h"

#define OUT_BYTES  160 /* of the page, gathered before they are a chunk */
#define NAME_MAX   255
#define ENTRY_MAX  ((offsetof(struct entry, name) + NAME_MAX + ENTRY_ALIGN) & ~(ENTRY_ALIGN - 1))
#define LEAST_ROOM (PORT_FOLDER_ROOM + 2 * ENTRY_MAX) /* the last of the batch before, and one of this */

/* An entry as it is kept in the room, one behind the other. */
struct entry {
    uint64_t size;
    int64_t modified;
    uint16_t bytes; /* of the entry with its name */
    uint8_t name_length;
    char name[];
};

#define ENTRY_ALIGN _Alignof(struct entry)

enum sort { SORT_NAME, SORT_SIZE, SORT_DATE };

static const char *const sort_names[] = {"name", "size", "date"};
static const char *const sort_titles[] = {"Name", "Size", "Date (UTC)"};

struct listing {
    struct bobbin_exchange *x;
    const struct port_file *folder;
    bool dot_files, descending;
    bool more; /* entries that found no room */
    uint8_t sort;
    enum port_file_kind kind; /* of this batch */
    char *out;
    size_t out_length;
    char *room; /* entries in order; in front the last of the batch before, where there was one */
    size_t room_size, begin, end;
    size_t left; /* rows: as many as names at first, however the folder changes meanwhile */
};

/* -- the page -- */

static int flush(struct listing *listing)
{
    size_t length = listing->out_length;
    listing->out_length = 0;
    return bobbin_write(listing->x, listing->out, length);
}

static void put(struct listing *listing, struct bobbin_span text)
{
    while (text.length > 0) {
        if (listing->out_length == OUT_BYTES && flush(listing) < 0)
            return; /* the stream keeps the error */
        size_t count = OUT_BYTES - listing->out_length;
        if (count > text.length)
            count = text.length;
        memcpy(listing->out + listing->out_length, text.data, count);
        listing->out_length += count;
        text = (struct bobbin_span){text.data + count, text.length - count};
    }
}

static void put_text(struct listing *listing, const char *text)
{
    put(listing, span_of(text));
}

/* As text of HTML, or of an attribute. */
static void put_escaped(struct listing *listing, struct bobbin_span text)
{
    static const char bytes[] = "&<>\"'";
    static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    for (size_t i = 0; i < text.length; i++) {
        const char *found = memchr(bytes, text.data[i], sizeof bytes - 1);
        put(listing, found == NULL ? (struct bobbin_span){text.data + i, 1} : span_of(names[found - bytes]));
    }
}

/* The request's path as people read it: in its normal form "%25" is what is left to decode. */
static void put_path(struct listing *listing)
{
    struct bobbin_span path = listing->x->path;
    for (size_t i = 0; i < path.length; i++) {
        put_escaped(listing, (struct bobbin_span){path.data + i, 1});
        if (path.data[i] == '%')
            i += 2;
    }
}

/* As a segment of a relative reference (RFC 3986 §3.3): unreserved bytes stay. "./" in front of it keeps a colon from
 * being taken for a scheme's. */
static void put_href(struct listing *listing, struct bobbin_span name)
{
    put_text(listing, "./");
    for (size_t i = 0; i < name.length; i++) {
        unsigned char byte = (unsigned char)name.data[i];
        bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
                     byte == '-' || byte == '.' || byte == '_' || byte == '~';
        char code[3] = {'%', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]};
        put(listing, plain ? (struct bobbin_span){name.data + i, 1} : (struct bobbin_span){code, sizeof code});
    }
}

/* "512 B", "1.5 KiB" */
static void put_size(struct listing *listing, uint64_t size)
{
    static const char *const units[] = {" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
    char digits[20];
    size_t unit = 0;
    uint64_t tenths = 0;
    while (size >= 1024) {
        tenths = size % 1024 * 10 / 1024;
        size /= 1024;
        unit++;
    }
    put(listing, (struct bobbin_span){digits, span_from_u64(digits, size)});
    if (unit > 0) {
        char fraction[2] = {'.', (char)('0' + tenths)};
        put(listing, (struct bobbin_span){fraction, 2});
    }
    put_text(listing, units[unit]);
}

/* "06 Nov 1994 08:49" */
static void put_date(struct listing *listing, int64_t seconds)
{
    char date[DATE_LENGTH];
    if (seconds < 0 || seconds > DATE_MAX)
        return;
    date_format(seconds, date);
    put(listing, (struct bobbin_span){date + 5, 17});
}

static void put_heads(struct listing *listing)
{
    put_text(listing, "<table>\n<thead><tr>");
    for (uint8_t i = SORT_NAME; i <= SORT_DATE; i++) {
        bool this = i == listing->sort;
        put_text(listing, !this                 ? "<th"
                          : listing->descending ? "<th aria-sort=\"descending\""
                                                : "<th aria-sort=\"ascending\"");
        put_text(listing, "><a href=\"?sort=");
        put_text(listing, sort_names[i]);
        put_text(listing, this && !listing->descending ? "&amp;order=desc\">" : "&amp;order=asc\">");
        put_text(listing, sort_titles[i]);
        put_text(listing, "</a></th>");
    }
    put_text(listing, "</tr></thead>\n");
}

static void put_front(struct listing *listing, bool is_root)
{
    put_text(listing, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
    put_path(listing);
    put_text(listing, "</title>\n<style>\n:root{color-scheme:light dark}\n"
                      "body{margin:2rem auto;max-width:60rem;padding:0 1rem;font:1rem/1.6 system-ui,sans-serif}\n"
                      "h1{font-size:1.25rem;overflow-wrap:anywhere}\ntable{width:100%;border-collapse:collapse}\n"
                      "th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8884}\n"
                      "td:first-child{overflow-wrap:anywhere;width:99%}\n"
                      "td+td{white-space:nowrap;font-variant-numeric:tabular-nums}\n"
                      "th[aria-sort=ascending] a:after{content:\" \\2191\"}\n"
                      "th[aria-sort=descending] a:after{content:\" \\2193\"}\n</style>\n<h1>");
    put_path(listing);
    put_text(listing, "</h1>\n");
    put_heads(listing);
    if (!is_root)
        put_text(listing, "<tr><td><a href=\"../\">..</a></td><td></td><td></td></tr>\n");
}

static void put_entry(struct listing *listing, const struct entry *entry)
{
    struct bobbin_span name = {entry->name, entry->name_length};
    const char *slash = listing->kind == PORT_FOLDER ? "/" : "";
    put_text(listing, "<tr><td><a href=\"");
    put_href(listing, name);
    put_text(listing, slash);
    put_text(listing, "\">");
    put_escaped(listing, name);
    put_text(listing, slash);
    put_text(listing, "</a></td><td>");
    if (listing->kind == PORT_FILE)
        put_size(listing, entry->size);
    put_text(listing, "</td><td>");
    put_date(listing, entry->modified);
    put_text(listing, "</td></tr>\n");
}

/* -- the order -- */

static int compare_names(struct bobbin_span a, struct bobbin_span b)
{
    size_t common = a.length < b.length ? a.length : b.length;
    for (size_t i = 0; i < common; i++) {
        unsigned char x = (unsigned char)span_fold(a.data[i]), y = (unsigned char)span_fold(b.data[i]);
        if (x != y)
            return x < y ? -1 : 1;
    }
    if (a.length != b.length)
        return a.length < b.length ? -1 : 1;
    return memcmp(a.data, b.data, common); /* they differ in case alone */
}

static bool is_before(const struct listing *listing, const struct entry *a, struct bobbin_span name_a,
                      const struct entry *b)
{
    int order = 0;
    if (listing->sort == SORT_SIZE)
        order = (a->size > b->size) - (a->size < b->size);
    else if (listing->sort == SORT_DATE)
        order = (a->modified > b->modified) - (a->modified < b->modified);
    if (order == 0)
        order = compare_names(name_a, (struct bobbin_span){b->name, b->name_length});
    return listing->descending ? order > 0 : order < 0;
}

static struct entry *entry_at(const struct listing *listing, size_t at)
{
    return (struct entry *)(void *)(listing->room + at);
}

static size_t last_entry(const struct listing *listing)
{
    size_t at = listing->begin;
    while (at + entry_at(listing, at)->bytes < listing->end)
        at += entry_at(listing, at)->bytes;
    return at;
}

/* Whether the entry belongs into this batch: it comes behind the one before, and not behind a full one. */
static bool is_due(const struct listing *listing, const struct entry *entry, struct bobbin_span name)
{
    if (listing->begin > 0) {
        const struct entry *before = entry_at(listing, 0);
        if (is_before(listing, entry, name, before) ||
            span_equal(name, (struct bobbin_span){before->name, before->name_length}))
            return false;
    }
    return !listing->more || is_before(listing, entry, name, entry_at(listing, last_entry(listing)));
}

/* Puts it in its place; those that no longer fit fall off the end. */
static void insert(struct listing *listing, struct entry entry, struct bobbin_span name)
{
    size_t at = listing->begin;
    while (at < listing->end && !is_before(listing, &entry, name, entry_at(listing, at)))
        at += entry_at(listing, at)->bytes;
    while (listing->end + entry.bytes > listing->room_size) {
        listing->more = true;
        if (at == listing->end)
            return;
        listing->end = last_entry(listing);
    }
    memmove(listing->room + at + entry.bytes, listing->room + at, listing->end - at);
    listing->end += entry.bytes;
    struct entry *place = entry_at(listing, at);
    *place = entry;
    memcpy(place->name, name.data, name.length);
}

/* -- the batches -- */

static void consider(struct listing *listing, const char *text)
{
    struct bobbin_span name = span_of(text);
    struct port_file_info info;
    struct entry entry = {0, 0, 0, (uint8_t)name.length};
    if (name.length > NAME_MAX || !file_path_servable(name, listing->dot_files))
        return;
    listing->left += listing->begin == 0;
    if (listing->sort == SORT_NAME && !is_due(listing, &entry, name))
        return; /* most are: the disk is not asked about them */
    if (port_folder_look(listing->folder, text, &info) < 0 || info.kind != listing->kind)
        return;
    entry.size = info.kind == PORT_FILE ? info.size : 0;
    entry.modified = info.modified;
    entry.bytes = (uint16_t)((offsetof(struct entry, name) + name.length + ENTRY_ALIGN - 1) & ~(ENTRY_ALIGN - 1));
    if (is_due(listing, &entry, name))
        insert(listing, entry, name);
}

/* One pass through the folder; the `reading` bytes in front of the room are to read it by. */
static int read_batch(struct listing *listing, struct port_folder_reader *reader, size_t reading)
{
    const char *name;
    int got = port_folder_start(reader, listing->folder, listing->room - reading, reading);
    listing->more = false;
    listing->end = listing->begin;
    while (got == 0 && (got = port_folder_next(reader, &name)) > 0) {
        consider(listing, name);
        got = 0;
    }
    return got;
}

static int put_batches(struct listing *listing, struct port_folder_reader *reader, size_t reading)
{
    int error;
    listing->begin = listing->left = 0;
    do {
        if ((error = read_batch(listing, reader, reading)) < 0)
            return error;
        for (size_t at = listing->begin; at < listing->end && listing->left > 0; listing->left--) {
            put_entry(listing, entry_at(listing, at));
            at += entry_at(listing, at)->bytes;
        }
        if (listing->more) {
            const struct entry *last = entry_at(listing, last_entry(listing));
            listing->begin = last->bytes;
            memmove(listing->room, last, last->bytes);
        }
        error = listing->x->client->stream.error;
    } while (listing->more && listing->left > 0 && error == 0);
    return error;
}

static int put_page(struct listing *listing, bool is_root, size_t reading)
{
    struct port_folder_reader reader;
    put_front(listing, is_root);
    listing->kind = PORT_FOLDER;
    int error = put_batches(listing, &reader, reading);
    listing->kind = PORT_FILE;
    if (error == 0)
        error = put_batches(listing, &reader, reading);
    if (error < 0)
        return error;
    put_text(listing, "</table>\n</html>\n");
    return flush(listing);
}

/* -- the request -- */

static void read_order(struct listing *listing)
{
    char value[8];
    listing->descending =
        bobbin_value(listing->x->query, "order", value, sizeof value) == 4 && memcmp(value, "desc", 4) == 0;
    if (bobbin_value(listing->x->query, "sort", value, sizeof value) != 4)
        return;
    for (uint8_t i = SORT_NAME; i <= SORT_DATE; i++)
        if (memcmp(value, sort_names[i], 4) == 0)
            listing->sort = i;
}

/* As much as there is without leaving replies too little: the fewer passes. A fifth of it is to read by. */
static int lend_room(struct listing *listing, size_t *reading)
{
    size_t size = listing->x->client->stream.size / 2;
    char *room;
    int error = BOBBIN_TOO_BIG;
    while (error == BOBBIN_TOO_BIG && size > LEAST_ROOM) {
        error = exchange_lend(listing->x, size + OUT_BYTES + ENTRY_ALIGN, &room);
        size -= error == BOBBIN_TOO_BIG ? size / 8 : 0;
    }
    if (error == BOBBIN_TOO_BIG)
        error = exchange_lend(listing->x, (size = LEAST_ROOM) + OUT_BYTES + ENTRY_ALIGN, &room);
    if (error < 0)
        return error;
    *reading = (size / 5 > PORT_FOLDER_ROOM ? size / 5 : PORT_FOLDER_ROOM) & ~(ENTRY_ALIGN - 1);
    listing->out = room;
    listing->room = room + OUT_BYTES + ((0 - (uintptr_t)(room + OUT_BYTES)) & (ENTRY_ALIGN - 1)) + *reading;
    listing->room_size = (size - *reading) & ~(ENTRY_ALIGN - 1);
    return 0;
}

int listing_reply(struct bobbin_exchange *x, const struct bobbin_files *files, const struct port_file *folder,
                  bool is_root)
{
    struct listing listing = {.x = x, .folder = folder, .dot_files = files->dot_files};
    size_t reading;
    int error = lend_room(&listing, &reading);
    if (error < 0)
        return error == BOBBIN_TOO_BIG ? 431 : error; /* the head took what the page needs */
    read_order(&listing);
    if ((error = bobbin_header(x, "Content-Type", "text/html; charset=utf-8")) < 0 ||
        (error = bobbin_header(x, "Cache-Control", "no-cache")) < 0)
        return error;
    return bobbin_method(x) == BOBBIN_HEAD ? bobbin_flush(x) : put_page(&listing, is_root, reading);
}
