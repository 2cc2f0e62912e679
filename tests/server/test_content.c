/* Content with validators: what of it goes out, as a client sees it. */
#include <stdio.h>

#include "bobbin/content.h"
#include "server_fixture.h"

#define MODIFIED (FAKE_START_WALL - 3600) /* Sun, 06 Nov 1994 07:49:37 GMT */

static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static struct {
    struct bobbin_content content;
    atomic_uint writes;
    int status;        /* the handler sets, unless 0 */
    const char *field; /* the handler adds, unless NULL */
    int fails;         /* write's result after half of what it should write */
} source;

static int write_by_byte(struct bobbin_exchange *x, const struct bobbin_content *content, uint64_t offset,
                         uint64_t length)
{
    int error = 0;

    if (content->source != &source)
        return BOBBIN_INVALID;
    source.writes++;
    for (uint64_t i = 0; i < length && error == 0; i++) {
        if (source.fails < 0 && i == length / 2)
            return source.fails;
        error = bobbin_write(x, text + (offset + i) % (sizeof text - 1), 1);
    }
    return error;
}

static int reply_source(struct bobbin_exchange *x, void *context)
{
    int error = 0;

    (void)context;
    if (source.status != 0)
        error = bobbin_status(x, source.status);
    if (error == 0 && source.field != NULL)
        error = bobbin_header(x, source.field, "own");
    return error < 0 ? error : bobbin_reply_content(x, &source.content);
}

static struct fake_client *start_with(struct fixture *f, size_t buffer)
{
    static struct bobbin_route route;

    route = (struct bobbin_route){.pattern = "/x",
                                  .methods = BOBBIN_GET | BOBBIN_POST,
                                  .handler = reply_source,
                                  .fields = bobbin_content_fields};
    memset(&source, 0, sizeof source);
    source.content = (struct bobbin_content){.type = "text/plain",
                                             .etag = "\"tag\"",
                                             .modified = MODIFIED,
                                             .cache_control = "no-cache",
                                             .length = sizeof text - 1,
                                             .data = text};
    f->config.buffer_bytes = buffer;
    fixture_routes_set(f, &route, 1);
    fixture_start(f);
    return fixture_connect(f);
}

static struct fake_client *start(void **state)
{
    return start_with(*state, 4096);
}

static void ask(struct fake_client *client, const char *method, const char *fields)
{
    char head[512];

    snprintf(head, sizeof head, "%s /x HTTP/1.1\r\nHost: device\r\n%s\r\n", method, fields);
    fake_feed_text(client, head);
}

static const struct reply *get(struct fake_client *client, const char *fields, int status)
{
    ask(client, "GET", fields);
    return fixture_expect(client, status);
}

static void assert_field(const struct reply *reply, const char *name, const char *value)
{
    const char *found = fixture_field(reply, name);

    if (value == NULL) {
        assert_null(found);
    } else {
        assert_non_null(found);
        assert_string_equal(found, value);
    }
}

static void whole_content_comes_with_what_is_known_of_it(void **state)
{
    struct fake_client *client = start(state);

    source.content.encoding = "gzip";
    source.content.varies = true;
    const struct reply *reply = get(client, "", 200);
    assert_string_equal(reply->body, text);
    assert_field(reply, "Content-Type", "text/plain");
    assert_field(reply, "ETag", "\"tag\"");
    assert_field(reply, "Last-Modified", "Sun, 06 Nov 1994 07:49:37 GMT");
    assert_field(reply, "Cache-Control", "no-cache");
    assert_field(reply, "Vary", "Accept-Encoding");
    assert_field(reply, "Content-Encoding", "gzip");
    assert_field(reply, "Accept-Ranges", "bytes");
    assert_field(reply, "Content-Length", "36");
    fixture_expect_open(client);
}

static void what_is_not_known_is_not_told(void **state)
{
    struct fake_client *client = start(state);

    source.content = (struct bobbin_content){.modified = BOBBIN_TIME_UNKNOWN, .data = text, .length = 1};
    const struct reply *reply = get(client,
                                    "If-None-Match: \"tag\"\r\nIf-Modified-Since: "
                                    "Sun, 06 Nov 1994 08:00:00 GMT\r\n",
                                    200);
    assert_string_equal(reply->body, "0");
    static const char *const absent[] = {"Content-Type",  "ETag", "Last-Modified",
                                         "Cache-Control", "Vary", "Content-Encoding"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        assert_field(reply, absent[i], NULL);
}

static void head_has_the_same_fields_and_reads_no_content(void **state)
{
    struct fake_client *client = start(state);

    source.content.data = NULL;
    source.content.write = write_by_byte;
    source.content.source = &source;
    ask(client, "HEAD", "Range: bytes=0-1\r\n"); /* RFC 9110 §14.2: of GET alone */
    const struct reply *reply = fixture_reply(client, true);
    assert_int_equal(reply->status, 200);
    assert_field(reply, "Content-Length", "36");
    assert_field(reply, "ETag", "\"tag\"");
    assert_int_equal(source.writes, 0);
    assert_string_equal(get(client, "", 200)->body, text);
    assert_int_equal(source.writes, 1);
}

static void a_client_that_has_it_gets_304_and_no_content(void **state)
{
    struct fake_client *client = start(state);

    source.content.varies = true;
    source.content.encoding = "gzip";
    const struct reply *reply = get(client, "If-None-Match: \"other\", W/\"tag\"\r\n", 304);
    assert_int_equal(reply->length, 0);
    assert_field(reply, "ETag", "\"tag\"");
    assert_field(reply, "Cache-Control", "no-cache");
    assert_field(reply, "Vary", "Accept-Encoding");
    assert_non_null(fixture_field(reply, "Date"));
    assert_field(reply, "Content-Length", NULL);
    assert_field(reply, "Content-Encoding", NULL);
    get(client, "If-Modified-Since: Sun, 06 Nov 1994 07:49:37 GMT\r\n", 304);
    get(client, "If-Modified-Since: Sun, 06 Nov 1994 07:49:36 GMT\r\n", 200);
    /* RFC 9110 §13.1.3: beside If-None-Match a date is not heeded */
    get(client, "If-None-Match: \"other\"\r\nIf-Modified-Since: Sun, 06 Nov 1994 07:49:37 GMT\r\n", 200);
    fixture_expect_open(client);
}

static void without_an_etag_304_tells_the_date(void **state)
{
    struct fake_client *client = start(state);

    source.content.etag = NULL;
    assert_field(get(client, "If-Modified-Since: Sun, 06 Nov 1994 07:49:37 GMT\r\n", 304), "Last-Modified",
                 "Sun, 06 Nov 1994 07:49:37 GMT");
}

static void a_condition_that_fails_is_412_and_the_connection_goes_on(void **state)
{
    struct fake_client *client = start(state);

    get(client, "If-Match: \"other\"\r\n", 412);
    get(client, "If-Match: \"tag\"\r\n", 200);
    get(client, "If-Unmodified-Since: Sun, 06 Nov 1994 07:00:00 GMT\r\n", 412);
    fixture_expect_open(client);
}

static void ranges_are_cut_out(void **state)
{
    static const struct {
        const char *range, *body, *told;
    } rows[] = {
        {"bytes=0-0", "0", "bytes 0-0/36"},
        {"bytes=10-", "abcdefghijklmnopqrstuvwxyz", "bytes 10-35/36"},
        {"bytes=-3", "xyz", "bytes 33-35/36"},
        {"bytes=30-99999", "uvwxyz", "bytes 30-35/36"},
        {"bytes=0-4,5-9", "0123456789", "bytes 0-9/36"}, /* one, once they are joined */
    };
    struct fake_client *client = start(state);

    for (unsigned by_call = 0; by_call < 2; by_call++) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            char field[64];
            snprintf(field, sizeof field, "Range: %s\r\n", rows[i].range);
            const struct reply *reply = get(client, field, 206);
            assert_string_equal(reply->body, rows[i].body);
            assert_field(reply, "Content-Range", rows[i].told);
            assert_field(reply, "ETag", "\"tag\"");
        }
        source.content.data = NULL;
        source.content.write = write_by_byte;
        source.content.source = &source;
    }
}

static void several_ranges_come_as_parts(void **state)
{
    struct fake_client *client = start(state);
    char large[1024], expected[1024];

    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)('A' + i % 26);
    source.content.data = large;
    source.content.length = sizeof large;
    const struct reply *reply = get(client, "Range: bytes=1000-1001, 0-1\r\n", 206);
    const char *type = fixture_field(reply, "Content-Type");
    assert_non_null(type);
    const char *boundary = strstr(type, "boundary=");
    assert_non_null(boundary);
    assert_memory_equal(type, "multipart/byteranges; ", 22);
    boundary += strlen("boundary=");
    snprintf(expected, sizeof expected,
             "\r\n--%s\r\nContent-Type: text/plain\r\nContent-Range: bytes 1000-1001/1024\r\n\r\n%.2s"
             "\r\n--%s\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/1024\r\n\r\n%.2s\r\n--%s--\r\n",
             boundary, large + 1000, boundary, large, boundary);
    assert_string_equal(reply->body, expected);
    assert_false(reply->chunked);
    fixture_expect_open(client);
}

static void a_range_beyond_the_end_is_416_with_the_length(void **state)
{
    struct fake_client *client = start(state);

    assert_field(get(client, "Range: bytes=36-\r\n", 416), "Content-Range", "bytes */36");
    fixture_expect_open(client);
}

static void a_range_of_other_content_gets_all_of_this(void **state)
{
    struct fake_client *client = start(state);

    assert_int_equal(get(client, "Range: bytes=0-1\r\nIf-Range: \"other\"\r\n", 200)->length, 36);
    assert_int_equal(get(client, "Range: bytes=0-1\r\nRange: bytes=4-5\r\n", 200)->length, 36); /* no list field */
    assert_int_equal(get(client, "Range: bytes=0-1\r\nIf-Range: \"tag\"\r\n", 206)->length, 2);
    assert_int_equal(get(client, "Range: bytes=0-1\r\nIf-Range: Sun, 06 Nov 1994 07:49:37 GMT\r\n", 206)->length, 2);
}

static void the_handlers_own_fields_stay_whatever_the_status(void **state)
{
    struct fake_client *client = start(state);

    source.field = "X-Own";
    assert_field(get(client, "", 200), "X-Own", "own");
    assert_field(get(client, "Range: bytes=0-1\r\n", 206), "X-Own", "own");
    assert_field(get(client, "If-None-Match: *\r\n", 304), "X-Own", "own");
    assert_field(get(client, "If-Match: \"other\"\r\n", 412), "X-Own", NULL);
}

static void a_status_of_the_handlers_own_takes_no_conditions(void **state)
{
    struct fake_client *client = start(state);

    source.status = 404;
    assert_string_equal(get(client, "If-None-Match: *\r\nRange: bytes=0-1\r\n", 404)->body, text);
    source.status = 200;
    get(client, "If-None-Match: *\r\n", 304);
}

static void other_methods_take_no_conditions(void **state)
{
    struct fake_client *client = start(state);

    ask(client, "POST", "If-None-Match: *\r\nRange: bytes=0-1\r\nContent-Length: 0\r\n");
    assert_string_equal(fixture_expect(client, 200)->body, text);
}

static void content_that_fails_halfway_ends_the_connection(void **state)
{
    struct fake_client *client = start(state);

    source.content.data = NULL;
    source.content.write = write_by_byte;
    source.content.source = &source;
    source.fails = BOBBIN_FAILED;
    ask(client, "GET", "");
    const struct reply *reply = fixture_reply(client, false);
    assert_int_equal(reply->status, 200);
    assert_false(reply->whole);
    assert_int_equal(reply->length, 18);
    fixture_expect_end(client);
    source.fails = 0;
    assert_string_equal(get(fixture_connect(*state), "", 200)->body, text);
}

/* RFC 9110 §8.8.2.1. */
static void content_is_never_from_the_future(void **state)
{
    struct fake_client *client = start(state);

    source.content.modified = FAKE_START_WALL + 3600;
    assert_field(get(client, "", 200), "Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
    fake_wall_set(-1);
    assert_field(get(client, "", 200), "Last-Modified", "Sun, 06 Nov 1994 09:49:37 GMT");
    source.content.modified = -1;
    assert_field(get(client, "", 200), "Last-Modified", NULL);
}

static void an_etag_that_is_none_is_the_handlers_mistake(void **state)
{
    struct fake_client *client = start(state);

    source.content.etag = "tag";
    get(client, "", 500);
    source.content.etag = "\"tag\"";
    source.content.type = "text/plain\r\nX: y";
    get(client, "", 500);
    fixture_expect_open(client);
}

static void content_of_any_length_passes_any_buffer(void **state)
{
    struct fixture *f = *state;
    static char large[2048];
    struct fake_client *client = start_with(f, 1024);

    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)('a' + i % 26);
    for (size_t length = 0; length < sizeof large; length += length < 1100 ? 1 : 97) {
        source.content.data = large;
        source.content.length = length;
        const struct reply *reply = get(client, "", 200);
        assert_true(reply->whole);
        assert_int_equal(reply->length, length);
        assert_memory_equal(reply->body, large, length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(whole_content_comes_with_what_is_known_of_it),
        FIXTURE_TEST(what_is_not_known_is_not_told),
        FIXTURE_TEST(head_has_the_same_fields_and_reads_no_content),
        FIXTURE_TEST(a_client_that_has_it_gets_304_and_no_content),
        FIXTURE_TEST(without_an_etag_304_tells_the_date),
        FIXTURE_TEST(a_condition_that_fails_is_412_and_the_connection_goes_on),
        FIXTURE_TEST(ranges_are_cut_out),
        FIXTURE_TEST(several_ranges_come_as_parts),
        FIXTURE_TEST(a_range_beyond_the_end_is_416_with_the_length),
        FIXTURE_TEST(a_range_of_other_content_gets_all_of_this),
        FIXTURE_TEST(the_handlers_own_fields_stay_whatever_the_status),
        FIXTURE_TEST(a_status_of_the_handlers_own_takes_no_conditions),
        FIXTURE_TEST(other_methods_take_no_conditions),
        FIXTURE_TEST(content_that_fails_halfway_ends_the_connection),
        FIXTURE_TEST(content_is_never_from_the_future),
        FIXTURE_TEST(an_etag_that_is_none_is_the_handlers_mistake),
        FIXTURE_TEST(content_of_any_length_passes_any_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
