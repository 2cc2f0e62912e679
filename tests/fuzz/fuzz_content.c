/* What a request asks of content: conditions, ranges, codings, dates and the file's name. Whatever a head says, what
 * is made of it lies inside the content and below the folder.
 *
 * The first field lines that have these names are the fuzzer's own: "X-Length" is the content's length, "X-Etag" its
 * entity tag, "X-Modified" when it changed. The clock stands where random_of puts it. */
#include <stdbool.h>
#include <string.h>

#include "bobbin/content.h"
#include "bobbin/error.h"
#include "codings.h"
#include "conditions.h"
#include "date.h"
#include "file_path.h"
#include "fuzz.h"
#include "http_parse.h"
#include "media_type.h"
#include "ranges.h"
#include "uri.h"

#define INPUT_MAX 16384
#define YEAR_9950 251823513600 /* until here, what lies 50 years ahead has four digits */

static const struct http_limits limits = {.head = INPUT_MAX, .request_line = 8192, .fields = 64};

static struct bobbin_span field(const struct http_parser *parser, const char *head, const char *name)
{
    return http_field(parser, head, span_of(name));
}

/* A copy of its own, so that the sanitizer knows its bounds; the caller frees it. */
static struct bobbin_span copy_of(struct bobbin_span text)
{
    char *copy = malloc(text.length);
    must(copy != NULL || text.length == 0);
    if (text.length > 0)
        memcpy(copy, text.data, text.length);
    return (struct bobbin_span){copy, text.length};
}

static bool has_part(struct bobbin_span text, const char *part)
{
    size_t length = strlen(part);
    for (size_t i = 0; i + length <= text.length; i++)
        if (memcmp(text.data + i, part, length) == 0)
            return true;
    return false;
}

/* -- dates -- */

static void try_date(struct bobbin_span text, int64_t now)
{
    struct bobbin_span copy = copy_of(text);
    int64_t seconds = date_parse(copy, now), without_clock = date_parse(copy, -1);
    must((seconds == BOBBIN_TIME_UNKNOWN) == (without_clock == BOBBIN_TIME_UNKNOWN) || has_part(text, "29-Feb"));
    if (seconds >= 0) {
        char formatted[DATE_LENGTH];
        date_format(seconds, formatted);
        must(date_parse((struct bobbin_span){formatted, DATE_LENGTH}, now) == seconds);
        bool fixed = text.length == DATE_LENGTH && text.data[3] == ',';
        bool leap_second = fixed && memcmp(text.data + 23, "60", 2) == 0;
        must(!fixed || leap_second || memcmp(formatted + 3, text.data + 3, DATE_LENGTH - 3) == 0);
    }
    free((void *)(uintptr_t)copy.data);
}

/* A moment's own text is that moment again, in the form with two digits too where it is within 50 years. */
static void try_moment(int64_t seconds, int64_t now)
{
    char text[DATE_LENGTH], short_text[40] = "Monday, ";
    date_format(seconds, text);
    must(date_parse((struct bobbin_span){text, DATE_LENGTH}, now) == seconds);
    memcpy(short_text + 8, text + 5, 7); /* "06 Nov " */
    memcpy(short_text + 15, text + 14, 15);
    short_text[10] = short_text[14] = '-';
    int64_t again = date_parse((struct bobbin_span){short_text, 30}, now);
    int64_t years_49 = 1546300800, years_101 = 3187296000;
    if (seconds - now < years_49 && now - seconds < years_49)
        must(again == seconds);
    must(again == BOBBIN_TIME_UNKNOWN || (again - now < years_101 / 2 && now - again < years_101));
}

/* -- ranges -- */

/* As the contract of ranges.h has it, one look at the pairs after another. */
static void try_ranges(struct bobbin_span value, uint64_t length)
{
    struct ranges ranges;
    struct bobbin_span copy = copy_of(value);
    enum ranges_result result = ranges_parse(copy, length, &ranges);
    free((void *)(uintptr_t)copy.data);
    must(result == RANGES_ALL || result == RANGES_SOME || result == RANGES_NONE);
    if (result != RANGES_ALL)
        must(value.length >= 8 && bobbin_span_is_nocase((struct bobbin_span){value.data, 6}, "bytes="));
    if (result != RANGES_SOME)
        return;
    must(ranges.count > 0 && ranges.count <= RANGES_MAX);
    for (size_t i = 0; i < ranges.count; i++) {
        struct range a = ranges.at[i];
        must(a.length > 0 && a.first < length && a.length <= length - a.first);
        for (size_t k = 0; k < i; k++) {
            struct range b = ranges.at[k];
            must(a.first < b.first ? b.first - a.first >= a.length && b.first - a.first - a.length >= RANGES_GAP
                                   : a.first - b.first >= b.length && a.first - b.first - b.length >= RANGES_GAP);
        }
    }
}

/* The first that was asked for and lies in the content comes first. */
static void try_order(struct bobbin_span value, uint64_t length)
{
    struct ranges ranges, alone;
    struct bobbin_span set = {value.data, value.length}, element;
    if (ranges_parse(value, length, &ranges) != RANGES_SOME)
        return;
    set.data += 6;
    set.length -= 6;
    while (span_next_element(&set, &element)) {
        char *one = malloc(element.length + 6);
        must(one != NULL);
        memcpy(one, "bytes=", 6);
        memcpy(one + 6, element.data, element.length);
        enum ranges_result result = ranges_parse((struct bobbin_span){one, element.length + 6}, length, &alone);
        free(one);
        must(result == RANGES_SOME || result == RANGES_NONE);
        if (result == RANGES_NONE)
            continue;
        struct range first = ranges.at[0];
        must(alone.count == 1 && alone.at[0].first >= first.first);
        must(alone.at[0].first - first.first + alone.at[0].length <= first.length);
        return;
    }
    must(false);
}

/* -- conditions and codings -- */

static bool has(const struct http_parser *parser, const char *head, const char *name)
{
    return field(parser, head, name).data != NULL;
}

static void try_conditions(const struct http_parser *parser, const char *head, int64_t now)
{
    struct bobbin_span etag = field(parser, head, "X-Etag");
    if (!conditions_is_etag(etag))
        etag.length = 0;
    struct validators validators = {etag, date_parse(field(parser, head, "X-Modified"), now)};
    int status = conditions_check(parser, head, &validators, now);
    bool match = has(parser, head, "If-Match"), none_match = has(parser, head, "If-None-Match");
    must(status == 0 || status == 304 || status == 412);
    must(status != 412 || match || has(parser, head, "If-Unmodified-Since"));
    must(status != 304 || none_match || has(parser, head, "If-Modified-Since"));
    bool holds = conditions_range_holds(parser, head, &validators, now);
    must(holds || has(parser, head, "If-Range"));

    /* Content without validators: nothing but "*" holds. */
    struct validators none = {{NULL, 0}, BOBBIN_TIME_UNKNOWN};
    status = conditions_check(parser, head, &none, now);
    must(status != 304 || bobbin_span_is(field(parser, head, "If-None-Match"), "*") ||
         has_part((struct bobbin_span){head, http_parse_length(parser)}, "*"));
    must(conditions_range_holds(parser, head, &none, now) == !has(parser, head, "If-Range"));
}

static void try_codings(const struct http_parser *parser, const char *head)
{
    static const char *const codings[] = {"gzip", "br", "identity"};
    for (size_t i = 0; i < 3; i++) {
        int weight = codings_weight(parser, head, codings[i]);
        must(weight >= 0 && weight <= 1000);
        if (!has(parser, head, "Accept-Encoding"))
            must(weight == (i == 2 ? 1000 : 0));
    }
}

/* -- names -- */

static bool is_continuation(unsigned char byte)
{
    return byte >= 0x80 && byte <= 0xbf;
}

/* Slow and simple: decodes each character, and wants the shortest way to write it. */
static bool is_utf8(struct bobbin_span text)
{
    const unsigned char *byte = (const unsigned char *)text.data;
    for (size_t i = 0; i < text.length;) {
        size_t bytes = byte[i] < 0x80       ? 1
                       : byte[i] >> 5 == 6  ? 2
                       : byte[i] >> 4 == 14 ? 3
                       : byte[i] >> 3 == 30 ? 4
                                            : 0;
        if (bytes == 0 || bytes > text.length - i)
            return false;
        uint32_t point = bytes == 1 ? byte[i] : byte[i] & (0x7fu >> bytes);
        for (size_t k = 1; k < bytes; k++) {
            if (!is_continuation(byte[i + k]))
                return false;
            point = point << 6 | (byte[i + k] & 0x3f);
        }
        static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        if (point < least[bytes] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
            return false;
        i += bytes;
    }
    return true;
}

static void must_be_servable(struct bobbin_span path, bool dot_files)
{
    size_t start = 0;
    for (size_t i = 0; i <= path.length; i++) {
        if (i < path.length && path.data[i] != '/')
            continue;
        struct bobbin_span segment = {path.data + start, i - start};
        must(i == path.length && start == i ? true : file_path_servable(segment, dot_files));
        must(segment.length == 0 || dot_files || segment.data[0] != '.');
        must(!bobbin_span_is(segment, ".") && !bobbin_span_is(segment, ".."));
        start = i + 1;
    }
}

/* `rest` in any form: what file_path_make takes is safe even where it is not normal. */
static int try_name(struct bobbin_span rest, bool dot_files)
{
    char *out = malloc(rest.length + 1);
    must(out != NULL);
    int length = file_path_make(rest, dot_files, out);
    must(length == BOBBIN_NOT_FOUND || (length >= 0 && (size_t)length <= rest.length));
    if (length >= 0) {
        struct bobbin_span path = {out, (size_t)length};
        must(out[length] == '\0' && memchr(out, '\0', path.length) == NULL);
        must(length == 0 || out[0] != '/');
        must(!has_part(path, "//") && !has_part(path, "\\") && is_utf8(path));
        for (size_t i = 0; i < path.length; i++)
            must((unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
        must_be_servable(path, dot_files);
        must(bobbin_media_type(path) != NULL);
        struct bobbin_span extension = media_type_extension(path);
        must(extension.length == 0 || (extension.data > out && extension.data + extension.length == out + length));
    }
    free(out);
    return length;
}

/* What is refused must have a reason: the contract's list, on the decoded bytes. */
static void try_refused(struct bobbin_span rest, bool dot_files)
{
    bool reason = !is_utf8(rest) || has_part(rest, "%2F") || has_part(rest, "//") || has_part(rest, "\\");
    reason |= rest.length > 0 && rest.data[0] == '/';
    for (size_t i = 0; i < rest.length; i++) {
        bool starts = i == 0 || rest.data[i - 1] == '/';
        reason |= (unsigned char)rest.data[i] < 0x20 || rest.data[i] == 0x7f;
        reason |= starts && rest.data[i] == '.' && !dot_files;
    }
    must(reason);
}

static void try_path(struct bobbin_span raw)
{
    char *normal = malloc(raw.length);
    must(normal != NULL);
    int length = uri_normalize(raw, normal);
    if (length > 0) {
        struct bobbin_span rest = copy_of((struct bobbin_span){normal + 1, (size_t)length - 1});
        if (try_name(rest, false) < 0)
            try_refused(rest, false);
        if (try_name(rest, true) < 0)
            try_refused(rest, true);
        /* A path that climbs is one that its normal form lost something of. */
        must(!file_path_climbs(raw) || length < (int)raw.length);
        must(!file_path_climbs((struct bobbin_span){normal, (size_t)length}));
        free((void *)(uintptr_t)rest.data);
    }
    free(normal);
}

static void try_head(const struct http_parser *parser, const char *head, int64_t now)
{
    static const char *const dates[] = {"If-Modified-Since", "If-Unmodified-Since", "If-Range", "X-Modified"};
    struct bobbin_span target = {head + parser->target.start, parser->target.length};
    const char *mark = memchr(target.data, '?', target.length);
    if (mark != NULL)
        target.length = (size_t)(mark - target.data);
    if (target.length > 0 && target.data[0] == '/')
        try_path(target);

    uint64_t length = 10000;
    span_to_u64(field(parser, head, "X-Length"), &length);
    struct bobbin_span range = field(parser, head, "Range");
    try_ranges(range, length);
    try_order(range, length);
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
        try_date(field(parser, head, dates[i]), now);
    try_conditions(parser, head, now);
    try_codings(parser, head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX)
        return 0;
    uint32_t random = random_of(data, size);
    int64_t now = (int64_t)(((uint64_t)random << 6) % YEAR_9950);
    char *head = malloc(size + 1);
    must(head != NULL);
    memcpy(head, data, size);
    struct http_parser parser;
    size_t length = size;
    memset(&parser, 0, sizeof parser);
    if (http_parse(&parser, &limits, head, &length) == HTTP_DONE)
        try_head(&parser, head, now);
    try_moment((int64_t)next_random(&random, 0xffffffff) * 58 % YEAR_9950, now);

    /* As bytes, too, that no head could bring. */
    struct bobbin_span bytes = copy_of((struct bobbin_span){(const char *)data, size});
    try_name(bytes, true);
    file_path_servable(bytes, true);
    file_path_climbs(bytes);
    try_date(bytes, now);
    try_ranges(bytes, now > 0 ? (uint64_t)now : 0);
    free((void *)(uintptr_t)bytes.data);
    free(head);
    return 0;
}
