/* Pages inside the binary, as a client sees them. */
#include "bobbin/pages.h"
#include "server_fixture.h"

#define BYTES(text) (const unsigned char *)(text), NULL, sizeof(text) - 1, 0
#define PAGE(path)                                                                                                   \
    {                                                                                                                \
        path, "text/plain", "\"v1\"", NULL, BYTES("at " path), false                                                 \
    }
#define GZIP_OF_SITE  "\x1f\x8b of site.css"
#define FOREVER       "max-age=31536000, immutable"
#define NOT_COMPACTED "body { color: #123456 }"

/* "-", "." and "%" come before "/" or around it: a search that took the slash for the least would miss some. */
static const struct bobbin_page table[] = {
    PAGE("/100%25.txt"),
    PAGE("/a b.txt"),
    PAGE("/a-b"),
    PAGE("/a.b"),
    PAGE("/a/index.html"),
    PAGE("/a/index.html.old"),
    PAGE("/a=b"),
    {"/app.3f2a9c1b.js", "text/javascript; charset=utf-8", "\"app\"", NULL, BYTES("run()"), true},
    PAGE("/b"),
    PAGE("/b/c"),
    {"/css/site.css", "text/css; charset=utf-8", "\"site\"", "\"site-gz\"", (const unsigned char *)NOT_COMPACTED,
     (const unsigned char *)GZIP_OF_SITE, sizeof NOT_COMPACTED - 1, sizeof GZIP_OF_SITE - 1, false},
    {"/empty", "text/plain", "\"empty\"", NULL, BYTES(""), false},
    PAGE("/index.html"),
    PAGE("/k\xc3\xa4se.txt"),
    PAGE("/z/z/z"),
};

static const struct bobbin_pages pages = {table, sizeof table / sizeof *table};
static const struct bobbin_pages no_pages = {NULL, 0};

/* The fixture gives every handler itself as the context. */
static int serve(struct bobbin_exchange *x, void *context)
{
    (void)context;
    return bobbin_serve_pages(x, (void *)&pages);
}

static int serve_none(struct bobbin_exchange *x, void *context)
{
    (void)context;
    return bobbin_serve_pages(x, (void *)&no_pages);
}

static struct fake_client *start(struct fixture *f, bobbin_handler *handler)
{
    const struct bobbin_route route = {
        .pattern = "/*", .methods = BOBBIN_GET, .handler = handler, .fields = bobbin_content_fields};
    fixture_routes_set(f, &route, 1);
    fixture_start(f);
    return fixture_connect(f);
}

static const struct reply *ask(struct fake_client *client, const char *line, const char *fields)
{
    fake_feed_text(client, line);
    fake_feed_text(client, " HTTP/1.1\r\nHost: device\r\n");
    fake_feed_text(client, fields);
    fake_feed_text(client, "\r\n");
    return fixture_reply(client, memcmp(line, "HEAD", 4) == 0);
}

static void expect_field(const struct reply *reply, const char *name, const char *value)
{
    const char *found = fixture_field(reply, name);
    if (value == NULL)
        assert_null(found);
    else if (found == NULL)
        fail_msg("there is no %s", name);
    else
        assert_string_equal(found, value);
}

static void each_page_is_found_by_its_path(void **state)
{
    struct fake_client *client = start(*state, serve);

    for (size_t i = 0; i < pages.count; i++) {
        char line[64] = "GET ";
        size_t n = strlen(line);
        for (const char *at = table[i].path; *at != '\0'; at++) {
            bool plain = *at > ' ' && *at < 0x7f;
            if (plain) {
                line[n++] = *at;
            } else {
                line[n++] = '%';
                line[n++] = "0123456789abcdef"[(unsigned char)*at >> 4];
                line[n++] = "0123456789abcdef"[*at & 15];
            }
        }
        const struct reply *reply = ask(client, line, "");
        if (reply->status != 200 || reply->length != table[i].length)
            fail_msg("status %d and %zu bytes for %s", reply->status, reply->length, line);
        assert_memory_equal(reply->body, table[i].data, table[i].length);
        expect_field(reply, "Content-Type", table[i].type);
        expect_field(reply, "ETag", table[i].etag);
    }
}

static void paths_beside_the_pages_are_404(void **state)
{
    static const char *const lines[] = {
        "GET /0",
        "GET /A/",
        "GET /a.",
        "GET /a/index.htm",
        "GET /a/index.html.olde",
        "GET /a/index.html/",
        "GET /aa",
        "GET /b/",
        "GET /b/c/",
        "GET /css/",
        "GET /zz",
        "GET /z/z/",
        "GET /z/z/z/z",
        "GET /100%2525.txt",
        "GET /b%2Fc",
        "GET //",
        "GET //index.html",
        "GET /a//",
        "GET /index.html%20",
        "GET /INDEX.HTML",
    };
    struct fake_client *client = start(*state, serve);

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const struct reply *reply = ask(client, lines[i], "");
        if (reply->status != 404)
            fail_msg("status %d for %s", reply->status, lines[i]);
    }
    fixture_expect_open(client);
}

static void a_folder_of_no_pages_has_none(void **state)
{
    struct fake_client *client = start(*state, serve_none);

    assert_int_equal(ask(client, "GET /", "")->status, 404);
    assert_int_equal(ask(client, "GET /index.html", "")->status, 404);
    fixture_expect_open(client);
}

static void a_slash_at_the_end_is_the_index_below_it(void **state)
{
    struct fake_client *client = start(*state, serve);

    assert_string_equal(ask(client, "GET /", "")->body, "at /index.html");
    assert_string_equal(ask(client, "GET /a/", "")->body, "at /a/index.html");
    assert_string_equal(ask(client, "GET /b/../a/?x", "")->body, "at /a/index.html");
}

static void a_folder_without_its_slash_is_sent_there(void **state)
{
    static const struct {
        const char *line, *location;
    } rows[] = {
        {"GET /a", "/a/"},
        {"HEAD /a", "/a/"},
        {"GET /a?q=/x%20y&z", "/a/?q=/x%20y&z"},
        {"GET /%61", "/%61/"},
        {"GET /x/../a?", "/x/../a/?"},
        {"GET /css", "/css/"},
        {"GET /z", "/z/"},
        {"GET /z/z", "/z/z/"},
        {"GET http://device/a?b", "/a/?b"},
    };
    struct fake_client *client = start(*state, serve);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct reply *reply = ask(client, rows[i].line, "");
        if (reply->status != 301)
            fail_msg("status %d for %s", reply->status, rows[i].line);
        expect_field(reply, "Location", rows[i].location);
    }
    fixture_expect_open(client);
}

static void a_page_goes_before_the_folder_of_its_name(void **state)
{
    struct fake_client *client = start(*state, serve);

    assert_string_equal(ask(client, "GET /b", "")->body, "at /b");
}

/* "//host/a/" as a Location is another host's page (RFC 3986 §4.2). */
static void nobody_is_sent_to_another_host(void **state)
{
    static const char *const lines[] = {"GET //host/../../a", "GET //host/%2e%2e/../a",
                                        "GET http://device//host/../../a"};
    struct fake_client *client = start(*state, serve);

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const struct reply *reply = ask(client, lines[i], "");
        const char *location = fixture_field(reply, "Location");
        if (location != NULL && memcmp(location, "//", 2) == 0)
            fail_msg("%s is sent to %s", lines[i], location);
    }
}

static void compressed_bytes_go_to_who_prefers_them(void **state)
{
    static const struct {
        const char *fields;
        bool gzip;
    } rows[] = {
        {"", false},
        {"Accept-Encoding:\r\n", false},
        {"Accept-Encoding: gzip\r\n", true},
        {"Accept-Encoding: gzip, deflate, br, zstd\r\n", true},
        {"Accept-Encoding: br\r\nAccept-Encoding: GZIP\r\n", true},
        {"Accept-Encoding: *\r\n", true},
        {"Accept-Encoding: gzip;q=0\r\n", false},
        {"Accept-Encoding: gzip;q=0, *\r\n", false},
        {"Accept-Encoding: gzip;q=0.5\r\n", true},
        {"Accept-Encoding: gzip;q=0.5, identity;q=0.5\r\n", true},
        {"Accept-Encoding: gzip;q=0.5, identity;q=0.6\r\n", false},
        {"Accept-Encoding: gzip;q=0.001, identity;q=0\r\n", true},
        {"Accept-Encoding: identity;q=0\r\n", false}, /* nothing would suit: the page itself does best */
    };
    struct fake_client *client = start(*state, serve);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct reply *reply = ask(client, "GET /css/site.css", rows[i].fields);
        const char *coding = fixture_field(reply, "Content-Encoding");
        if (reply->status != 200 || (coding != NULL) != rows[i].gzip)
            fail_msg("status %d, %scompressed, for %s", reply->status, coding != NULL ? "" : "not ", rows[i].fields);
        expect_field(reply, "Content-Encoding", rows[i].gzip ? "gzip" : NULL);
        expect_field(reply, "ETag", rows[i].gzip ? "\"site-gz\"" : "\"site\"");
        expect_field(reply, "Content-Type", "text/css; charset=utf-8");
        expect_field(reply, "Vary", "Accept-Encoding");
        assert_string_equal(reply->body, rows[i].gzip ? GZIP_OF_SITE : NOT_COMPACTED);
    }
}

static void a_page_without_compressed_bytes_is_sent_as_it_is(void **state)
{
    struct fake_client *client = start(*state, serve);
    const struct reply *reply = ask(client, "GET /b", "Accept-Encoding: gzip, identity;q=0\r\n");

    assert_string_equal(reply->body, "at /b");
    expect_field(reply, "Content-Encoding", NULL);
    expect_field(reply, "Vary", NULL);
}

static void who_has_the_page_is_told_so(void **state)
{
    static const struct {
        const char *fields;
        int status;
    } rows[] = {
        {"If-None-Match: \"site\"\r\n", 304},
        {"If-None-Match: \"x\", W/\"site\"\r\n", 304},
        {"If-None-Match: \"site-gz\"\r\n", 200},
        {"If-None-Match: \"site-gz\"\r\nAccept-Encoding: gzip\r\n", 304},
        {"If-None-Match: \"site\"\r\nAccept-Encoding: gzip\r\n", 200},
        {"If-Match: \"other\"\r\n", 412},
    };
    struct fake_client *client = start(*state, serve);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct reply *reply = ask(client, "GET /css/site.css", rows[i].fields);
        if (reply->status != rows[i].status)
            fail_msg("status %d for %s", reply->status, rows[i].fields);
        if (reply->status != 304)
            continue;
        assert_int_equal(reply->length, 0);
        expect_field(reply, "Cache-Control", "no-cache");
        expect_field(reply, "Vary", "Accept-Encoding");
        assert_non_null(fixture_field(reply, "ETag"));
    }
    fixture_expect_open(client);
}

static void a_name_with_a_hash_is_kept_for_a_year(void **state)
{
    struct fake_client *client = start(*state, serve);

    expect_field(ask(client, "GET /app.3f2a9c1b.js", ""), "Cache-Control", FOREVER);
    expect_field(ask(client, "GET /app.3f2a9c1b.js", "If-None-Match: \"app\"\r\n"), "Cache-Control", FOREVER);
    expect_field(ask(client, "GET /", ""), "Cache-Control", "no-cache");
}

static void ranges_are_of_the_bytes_that_were_chosen(void **state)
{
    struct fake_client *client = start(*state, serve);
    const struct reply *reply = ask(client, "GET /css/site.css", "Range: bytes=5-6\r\n");

    assert_int_equal(reply->status, 206);
    assert_string_equal(reply->body, "{ ");
    expect_field(reply, "Content-Range", "bytes 5-6/23");
    reply = ask(client, "GET /css/site.css", "Range: bytes=-4\r\nAccept-Encoding: gzip\r\n");
    assert_int_equal(reply->status, 206);
    assert_string_equal(reply->body, ".css");
    expect_field(reply, "Content-Range", "bytes 10-13/14");
    expect_field(reply, "ETag", "\"site-gz\"");
}

static void head_tells_what_get_would(void **state)
{
    struct fake_client *client = start(*state, serve);
    const struct reply *reply = ask(client, "HEAD /css/site.css", "Accept-Encoding: gzip\r\n");

    assert_int_equal(reply->status, 200);
    expect_field(reply, "Content-Length", "14");
    expect_field(reply, "Content-Encoding", "gzip");
    expect_field(reply, "Accept-Ranges", "bytes");
    expect_field(reply, "Last-Modified", NULL);
    fixture_expect_open(client);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(each_page_is_found_by_its_path),
        FIXTURE_TEST(paths_beside_the_pages_are_404),
        FIXTURE_TEST(a_folder_of_no_pages_has_none),
        FIXTURE_TEST(a_slash_at_the_end_is_the_index_below_it),
        FIXTURE_TEST(a_folder_without_its_slash_is_sent_there),
        FIXTURE_TEST(a_page_goes_before_the_folder_of_its_name),
        FIXTURE_TEST(nobody_is_sent_to_another_host),
        FIXTURE_TEST(compressed_bytes_go_to_who_prefers_them),
        FIXTURE_TEST(a_page_without_compressed_bytes_is_sent_as_it_is),
        FIXTURE_TEST(who_has_the_page_is_told_so),
        FIXTURE_TEST(a_name_with_a_hash_is_kept_for_a_year),
        FIXTURE_TEST(ranges_are_of_the_bytes_that_were_chosen),
        FIXTURE_TEST(head_tells_what_get_would),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
