/* Files from a folder on the fake port: what a real disk does too seldom. */
#include <stdio.h>

#include "bobbin/files.h"
#include "server_fixture.h"

#define MODIFIED (FAKE_START_WALL - 3600)

static struct bobbin_files files;

static char path_after[64]; /* what the exchange said behind the handler */

/* The fixture gives routes its own context. */
static int serve(struct bobbin_exchange *x, void *context)
{
    (void)context;
    int result = bobbin_serve_files(x, &files);
    struct bobbin_span path = bobbin_path(x);
    size_t length = path.length < sizeof path_after ? path.length : sizeof path_after - 1;
    memcpy(path_after, path.data, length);
    path_after[length] = '\0';
    return result;
}

static const struct bobbin_route routes[] = {
    {.pattern = "/*", .methods = BOBBIN_GET, .handler = serve, .fields = bobbin_content_fields}};

static char large[100000];

static int setup(void **state)
{
    int error = fixture_setup(state);

    files = (struct bobbin_files){.list = false};
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)('a' + i % 26);
    fake_file_add("index.html", "<p>front", 8, MODIFIED);
    fake_file_add("a.css", "a{}", 3, MODIFIED);
    fake_file_add("large.bin", large, sizeof large, MODIFIED);
    fake_file_add("sub/index.html", "<p>sub", 6, MODIFIED);
    fake_folder_add("empty");
    fake_special_add("device");
    return error;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    fixture_end(f);
    bobbin_files_close(&files);
    assert_int_equal(fake_open_files(), 0);
    return fixture_teardown(state);
}

#define FILES_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static struct fake_client *start_with(void **state, size_t buffer)
{
    struct fixture *f = *state;

    assert_int_equal(bobbin_files_open(&files, FAKE_ROOT), BOBBIN_OK);
    f->config.buffer_bytes = buffer;
    fixture_routes_set(f, routes, 1);
    fixture_start(f);
    return fixture_connect(f);
}

static struct fake_client *start(void **state)
{
    return start_with(state, 4096);
}

static const struct reply *get(struct fake_client *client, const char *path, int status)
{
    fixture_get(client, path);
    return fixture_expect(client, status);
}

static void a_path_names_a_file_or_a_folders_index(void **state)
{
    struct fake_client *client = start(state);

    assert_string_equal(get(client, "/", 200)->body, "<p>front");
    assert_string_equal(get(client, "/a.css", 200)->body, "a{}");
    assert_string_equal(get(client, "/sub/", 200)->body, "<p>sub");
    assert_string_equal(fixture_field(get(client, "/sub?q=1", 301), "Location"), "/sub/?q=1");
    get(client, "/empty/", 404);
    get(client, "/a.css/", 404);
    get(client, "/device", 404);
    get(client, "/nothing", 404);
    get(client, "/sub/../a.css", 404);
    get(client, "/sub%2Findex.html", 404);
    fixture_expect_open(client);
}

static void what_may_not_be_read_is_not_there(void **state)
{
    struct fake_client *client = start(state);

    fake_file_deny("a.css");
    get(client, "/a.css", 404);
    fake_file_deny("sub/index.html");
    get(client, "/sub/", 404);
}

static void a_folder_that_may_only_be_passed_leads_to_its_slash(void **state)
{
    struct fake_client *client = start(state);

    fake_file_deny("sub");
    assert_string_equal(fixture_field(get(client, "/sub", 301), "Location"), "/sub/");
    fake_file_deny("empty");
    get(client, "/empty", 404);
}

/* The file's name stands in memory that was lent, in front of the path's normal form. */
static void a_name_takes_no_more_room_than_was_lent(void **state)
{
    struct fake_client *client = start(state);

    fake_feed_text(client, "GET /./sub/ HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br, gzip\r\n\r\n");
    fixture_expect(client, 200);
    assert_string_equal(path_after, "/sub/");
    fake_file_deny("sub");
    get(client, "/./sub", 301);
    assert_string_equal(path_after, "/sub");
}

static void a_redirection_that_does_not_fit_is_414(void **state)
{
    struct fake_client *client = start_with(state, 1024);
    char path[700];

    snprintf(path, sizeof path, "/sub?%0*d", 445, 0);
    get(client, path, 414);
    fixture_expect_open(client);
    assert_int_equal(fake_log_count(""), 0);
}

static void without_a_descriptor_503_tells_when_to_try_again(void **state)
{
    struct fake_client *client = start(state);

    fake_fail_call(FAKE_FILE_OPEN, 1, 1, BOBBIN_NO_FILES);
    const struct reply *reply = get(client, "/a.css", 503);
    assert_non_null(fixture_field(reply, "Retry-After"));
    fixture_expect_end(client);
    fake_leave(client);
    client = fixture_connect(*state);
    get(client, "/a.css", 200);
    fake_fail_call(FAKE_FILE_OPEN, 1, 1, BOBBIN_NO_MEMORY);
    get(client, "/", 503);
}

static void a_large_file_goes_past_the_buffer_behind_its_head(void **state)
{
    struct fake_client *client = start(state);

    const struct reply *reply = get(client, "/large.bin", 200);
    assert_true(reply->whole);
    assert_int_equal(reply->length, sizeof large);
    assert_memory_equal(reply->body, large, sizeof large);
    assert_int_equal(fake_calls(FAKE_FILE_READ), 0);
    assert_int_equal(fake_calls(FAKE_SEND_FILE), 1);
    fixture_expect_open(client);
}

static void a_small_file_leaves_with_its_head(void **state)
{
    struct fake_client *client = start(state);

    get(client, "/a.css", 200);
    assert_int_equal(fake_calls(FAKE_SEND_FILE), 0);
    assert_int_equal(fake_sends(client), 1);
}

static void files_asked_for_together_are_answered_in_order(void **state)
{
    struct fake_client *client = start(state);
    char heads[4096] = "";

    for (unsigned i = 0; i < 24; i++) {
        char path[16], data[512];
        snprintf(path, sizeof path, "f%u", i);
        memset(data, 'a' + (int)i, sizeof data);
        fake_file_add(path, data, i * 20, MODIFIED);
        snprintf(heads + strlen(heads), sizeof heads - strlen(heads), "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    }
    fake_feed_text(client, heads);
    for (unsigned i = 0; i < 24; i++) {
        const struct reply *reply = fixture_expect(client, 200);
        assert_int_equal(reply->length, i * 20);
        assert_true(i == 0 || reply->body[0] == (char)('a' + i));
    }
    fixture_expect_open(client);
}

static void a_file_that_shrinks_ends_the_connection_and_is_not_padded(void **state)
{
    struct fake_client *client = start(state);

    fake_window(client, 20000);
    fixture_get(client, "/large.bin");
    fake_wait_quiet();
    fake_file_resize("large.bin", 60000);
    const struct reply *reply = fixture_reply(client, false);
    assert_int_equal(reply->status, 200);
    assert_false(reply->whole);
    assert_in_range(reply->length, 1, 60000);
    assert_memory_equal(reply->body, large, reply->length);
    fixture_expect_end(client);
    get(fixture_connect(*state), "/a.css", 200);
}

static void a_small_file_that_cannot_be_read_ends_the_connection(void **state)
{
    struct fake_client *client = start(state);

    fake_fail_call(FAKE_FILE_READ, 1, 1, BOBBIN_FAILED);
    fixture_get(client, "/a.css");
    const struct reply *reply = fixture_reply(client, false);
    assert_false(reply->whole);
    assert_int_equal(reply->length, 0);
    fixture_expect_end(client);
    get(fixture_connect(*state), "/a.css", 200);
}

/* The deadline is of the whole reply, and bytes that move put it off: neither is a slow reader cut, nor does one that
 * has stopped keep its place. */
static void a_reader_that_stops_is_cut_and_one_that_goes_on_is_not(void **state)
{
    struct fixture *f = *state;
    struct fake_client *client;
    char piece[20000];

    f->config.send_timeout_ms = 1000;
    f->config.min_rate = 10000;
    client = start(state);
    fake_window(client, sizeof piece);
    fixture_get(client, "/large.bin");
    for (unsigned i = 0; i < 4; i++) {
        fake_clock_advance(900);
        assert_int_equal(fake_read(client, piece, sizeof piece), sizeof piece);
    }
    assert_false(fake_is_closed(client));
    fake_clock_advance(1100);
    fake_clock_advance(1100);
    fake_wait_closed(client);
    assert_int_equal(fake_open_files(), 1); /* the root */
}

static void a_client_that_leaves_leaves_no_file_open(void **state)
{
    struct fake_client *client = start(state);

    fake_window(client, 20000);
    fixture_get(client, "/large.bin");
    fake_wait_quiet();
    assert_int_equal(fake_open_files(), 2);
    fake_drop(client);
    fake_wait_closed(client);
    assert_int_equal(fake_open_files(), 1);
}

static void a_listing_fits_any_buffer_it_is_given(void **state)
{
    struct fake_client *client;

    for (unsigned i = 0; i < 300; i++) {
        char path[64];
        snprintf(path, sizeof path, "empty/%03u-%0*u", (i * 7) % 300, (int)(i % 40 + 1), 0u);
        fake_file_add(path, "", 0, MODIFIED);
    }
    files.list = true;
    client = start_with(state, 2048);
    const struct reply *reply = get(client, "/empty/", 200);
    const char *at = reply->body;
    assert_true(reply->whole);
    for (unsigned i = 0; i < 300; i++) {
        char mark[16];
        snprintf(mark, sizeof mark, "\"./%03u-", i);
        at = strstr(at, mark);
        assert_non_null(at);
    }
    assert_non_null(strstr(at, "</table>"));
    fixture_expect_open(client);
}

static void a_folder_that_cannot_be_read_ends_its_listing_early(void **state)
{
    struct fake_client *client;

    fake_file_add("empty/a", "", 0, MODIFIED);
    files.list = true;
    client = start(state);
    fake_fail_call(FAKE_FOLDER_NEXT, 1, 1, BOBBIN_FAILED);
    fixture_get(client, "/empty/");
    assert_false(fixture_reply(client, false)->whole);
    fixture_expect_end(client);
}

static void a_root_that_cannot_be_opened_is_an_error(void **state)
{
    (void)state;
    static const struct bobbin_media_type disorder[] = {{"b", "x/b"}, {"a", "x/a"}};

    assert_int_equal(bobbin_files_open(&files, "/nowhere"), BOBBIN_NOT_FOUND);
    files.types = disorder;
    files.type_count = 2;
    assert_int_equal(bobbin_files_open(&files, FAKE_ROOT), BOBBIN_INVALID);
    files.type_count = 1;
    assert_int_equal(bobbin_files_open(&files, FAKE_ROOT), BOBBIN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILES_TEST(a_path_names_a_file_or_a_folders_index),
        FILES_TEST(what_may_not_be_read_is_not_there),
        FILES_TEST(a_folder_that_may_only_be_passed_leads_to_its_slash),
        FILES_TEST(a_name_takes_no_more_room_than_was_lent),
        FILES_TEST(a_redirection_that_does_not_fit_is_414),
        FILES_TEST(without_a_descriptor_503_tells_when_to_try_again),
        FILES_TEST(a_large_file_goes_past_the_buffer_behind_its_head),
        FILES_TEST(a_small_file_leaves_with_its_head),
        FILES_TEST(files_asked_for_together_are_answered_in_order),
        FILES_TEST(a_file_that_shrinks_ends_the_connection_and_is_not_padded),
        FILES_TEST(a_small_file_that_cannot_be_read_ends_the_connection),
        FILES_TEST(a_reader_that_stops_is_cut_and_one_that_goes_on_is_not),
        FILES_TEST(a_client_that_leaves_leaves_no_file_open),
        FILES_TEST(a_listing_fits_any_buffer_it_is_given),
        FILES_TEST(a_folder_that_cannot_be_read_ends_its_listing_early),
        FILES_TEST(a_root_that_cannot_be_opened_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
