/* One buffer carries a request's head, its body, and the reply: every size near its borders. */
#include <stdio.h>

#include "server_fixture.h"

#define SMALL 512

/* Serves /x by the handler, with the smallest buffer there is. */
static void start(struct fixture *f, const char *pattern, bobbin_handler *handler)
{
    const struct bobbin_route route = {.pattern = pattern, .methods = BOBBIN_GET | BOBBIN_POST, .handler = handler};

    f->config.buffer_bytes = SMALL;
    fixture_routes_set(f, &route, 1);
    fixture_start(f);
}

static void fill(char *to, size_t length)
{
    for (size_t i = 0; i < length; i++)
        to[i] = (char)('a' + i % 26);
}

static int echo_in_small_reads(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    char piece[24];
    int got;

    f->body_length = 0;
    while ((got = bobbin_read(x, piece, sizeof piece)) > 0) {
        memcpy(f->body + f->body_length, piece, (size_t)got);
        f->body_length += (size_t)got;
    }
    f->result = got;
    return got < 0 ? got : bobbin_reply(x, NULL, f->body, f->body_length);
}

/* A head as long as the buffer takes leaves little room for the body: it must do all the same. */
static void check_bodies(struct fixture *f, const char *framing, const char *body, const char *content)
{
    unsigned answered = 0;

    for (size_t filler = 1; filler < SMALL; filler++) {
        char head[2 * SMALL];
        struct fake_client *client = fixture_connect(f);
        int length =
            snprintf(head, sizeof head, "POST /%0*d HTTP/1.1\r\nHost: a\r\n%s\r\n\r\n", (int)filler, 0, framing);
        fake_feed(client, head, (size_t)length);
        fake_wait_quiet();
        fake_feed_text(client, body);
        const struct reply *reply = fixture_reply(client, false);
        if (reply->status == 200) {
            assert_string_equal(reply->body, content);
            answered++;
        } else if (reply->status != 414 && reply->status != 431) {
            fail_msg("status %d for a head of %d bytes", reply->status, length);
        }
        fake_leave(client);
        fake_wait_closed(client);
    }
    assert_true(answered > SMALL / 4);
}

static void a_body_of_known_length_is_read_behind_a_head_of_any_length(void **state)
{
    static const char content[] = "0123456789012345678901234567890123456789";
    struct fixture *f = *state;

    start(f, "/*", echo_in_small_reads);
    check_bodies(f, "Content-Length: 40", content, content);
}

/* The second head ends wherever the input may, and its body comes when it has been read. */
static void a_body_is_read_behind_a_head_that_came_behind_others(void **state)
{
    static const char second[] = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n";
    static const char content[] = "0123456789012345678901234567890123456789";
    struct fixture *f = *state;
    char first[4 * SMALL];

    start(f, "/x", echo_in_small_reads);
    for (int length = 0; length < 3 * SMALL; length++) {
        struct fake_client *client = fixture_connect(f);
        snprintf(first, sizeof first, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%0*d", length,
                 length, 0);
        first[strlen(first) - (length == 0)] = '\0';
        fake_feed_text(client, first);
        fake_feed_text(client, second);
        assert_int_equal(fixture_expect(client, 200)->length, length);
        fake_wait_quiet();
        fake_feed_text(client, content);
        assert_string_equal(fixture_expect(client, 200)->body, content);
        fake_leave(client);
        fake_wait_closed(client);
    }
}

static void a_chunked_body_is_read_behind_a_head_of_any_length(void **state)
{
    struct fixture *f = *state;

    start(f, "/*", echo_in_small_reads);
    check_bodies(f, "Transfer-Encoding: chunked",
                 "5;name=value\r\n01234\r\n10\r\n0123456789abcdef\r\n0\r\nA: b\r\n\r\n", "012340123456789abcdef");
}

/* -- spans -- */

static int keep_the_path(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    char before[SMALL], piece[64];
    struct bobbin_span path = bobbin_path(x);
    int got;

    memcpy(before, path.data, path.length);
    while ((got = bobbin_read(x, piece, sizeof piece)) > 0)
        ;
    f->result = got == 0 && path.length == bobbin_path(x).length && memcmp(before, path.data, path.length) == 0 &&
                memcmp(before, bobbin_path(x).data, path.length) == 0;
    return bobbin_reply_text(x, "done");
}

/* The path in normal form is a copy somewhere in the buffer: spans hold until the handler returns. */
static void a_decoded_path_survives_the_reading_of_a_body(void **state)
{
    struct fixture *f = *state;
    unsigned answered = 0;

    start(f, "/*", keep_the_path);
    for (int filler = 1; filler < SMALL; filler++) {
        char request[4 * SMALL];
        struct fake_client *client = fixture_connect(f);
        int length = snprintf(request, sizeof request,
                              "POST /%%41%0*d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", filler, 0);
        f->result = -1;
        fake_feed(client, request, (size_t)length);
        fake_wait_quiet(); /* the copy is made before the body comes */
        length = snprintf(request, sizeof request, "200\r\n%0512d\r\n0\r\n\r\n", 0);
        fake_feed(client, request, (size_t)length);
        const struct reply *reply = fixture_reply(client, false);
        fake_wait_quiet();
        if (reply->status == 200) {
            answered++;
            if (f->result != 1)
                fail_msg("a path of %d bytes was lost (%d)", filler + 4, (int)f->result);
        }
        fake_leave(client);
        fake_wait_closed(client);
    }
    assert_true(answered > SMALL / 8);
}

static int keep_the_fields(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    char piece[64];
    const struct bobbin_span before[] = {bobbin_field(x, "X-Kept"), bobbin_query(x), bobbin_request_line(x)};
    int result = 0;

    while ((result = bobbin_read(x, piece, sizeof piece)) > 0)
        ;
    for (int i = 0; i < 50 && result >= 0; i++)
        result = bobbin_write(x, f->body, 61);
    f->result = bobbin_span_is(before[0], "its value") && bobbin_span_is(before[1], "a=b") &&
                bobbin_span_is(before[2], "POST /x?a=b HTTP/1.1") && bobbin_field(x, "X-Kept").data == before[0].data;
    return result;
}

static void spans_survive_reading_and_writing(void **state)
{
    struct fixture *f = *state;

    start(f, "/x", keep_the_fields);
    fill(f->body, 61);
    struct fake_client *client = fixture_connect(f);
    for (size_t split = 1; split < 600; split += 37) {
        char request[4 * SMALL];
        fake_split(client, split);
        f->result = -1;
        int length = snprintf(request, sizeof request,
                              "POST /x?a=b HTTP/1.1\r\nHost: a\r\nX-Kept: its value\r\nTransfer-Encoding: chunked"
                              "\r\n\r\n200\r\n%0512d\r\n100\r\n%0256d\r\n0\r\n\r\n",
                              0, 0);
        fake_feed(client, request, (size_t)length);
        assert_int_equal(fixture_expect(client, 200)->length, 50 * 61);
        fake_wait_quiet();
        assert_int_equal(f->result, 1);
    }
}

/* -- replies -- */

static int reply_body(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    return bobbin_reply(x, "text/plain", f->body, f->body_length);
}

static void replies_of_any_length_arrive_whole(void **state)
{
    struct fixture *f = *state;

    start(f, "/x", reply_body);
    fill(f->body, 3 * SMALL);
    struct fake_client *client = fixture_connect(f);
    for (size_t length = 0; length < 3 * SMALL; length++) {
        fake_wait_quiet();
        f->body_length = length;
        fixture_get(client, "/x");
        const struct reply *reply = fixture_expect(client, 200);
        assert_int_equal(reply->length, length);
        assert_memory_equal(reply->body, f->body, length);
    }
}

/* A field as long as the test says, then a body in chunks, or a status that has none. */
static int long_field(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;

    f->body[f->body_length] = '\0';
    if (f->result != 0)
        bobbin_status(x, 204);
    int error = bobbin_header(x, "X", f->body);
    return error < 0 || f->result != 0 ? error : bobbin_write(x, "hello", 5);
}

/* Wherever in its head a reply finds that there is no room, the error page is framed as a reply of its own. */
static void a_head_that_does_not_fit_becomes_a_whole_500(void **state)
{
    struct fixture *f = *state;
    unsigned errors = 0;

    start(f, "/x", long_field);
    for (int empty = 0; empty < 2; empty++) {
        for (size_t length = 1; length < SMALL; length++) {
            struct fake_client *client = fixture_connect(f);
            fake_wait_quiet();
            fill(f->body, length);
            f->body_length = length;
            f->result = empty;
            fixture_get(client, "/x");
            const struct reply *reply = fixture_reply(client, false);
            assert_true(reply->whole);
            if (reply->status == 500) {
                assert_string_equal(reply->body, "500 Internal Server Error\n");
                errors++;
            } else {
                assert_int_equal(reply->status, empty ? 204 : 200);
                assert_string_equal(reply->body, empty ? "" : "hello");
            }
            fake_leave(client);
            fake_wait_closed(client);
        }
    }
    assert_true(errors > SMALL / 4);
}

static int write_pieces(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    size_t sent = 0, piece = 1;
    int result = bobbin_header(x, "X-Before", "1");

    while (sent < f->body_length && result >= 0) {
        piece = piece % 97 + 7;
        if (piece > f->body_length - sent)
            piece = f->body_length - sent;
        result = bobbin_write(x, f->body + sent, piece);
        sent += piece;
    }
    return result;
}

static void chunked_replies_of_any_length_arrive_whole(void **state)
{
    struct fixture *f = *state;

    start(f, "/x", write_pieces);
    fill(f->body, 3 * SMALL);
    struct fake_client *client = fixture_connect(f);
    for (size_t length = 1; length < 3 * SMALL; length += 3) {
        fake_wait_quiet();
        f->body_length = length;
        fixture_get(client, "/x");
        const struct reply *reply = fixture_expect(client, 200);
        assert_true(reply->chunked);
        assert_int_equal(reply->length, length);
        assert_memory_equal(reply->body, f->body, length);
    }
}

static void pipelined_replies_of_any_length_arrive_whole_and_in_order(void **state)
{
    struct fixture *f = *state;

    start(f, "/x", reply_body);
    fill(f->body, 3 * SMALL);
    struct fake_client *client = fixture_connect(f);
    for (size_t length = 0; length < SMALL; length += 5) {
        fake_wait_quiet();
        f->body_length = length;
        for (int i = 0; i < 12; i++) /* more than the buffer holds, of requests as well as of replies */
            fixture_get(client, "/x");
        for (int i = 0; i < 12; i++) {
            const struct reply *reply = fixture_expect(client, 200);
            assert_int_equal(reply->length, length);
            assert_memory_equal(reply->body, f->body, length);
        }
    }
}

static int answer_before_reading(struct bobbin_exchange *x, void *context)
{
    struct fixture *f = context;
    char piece[16];
    int got = 1, result;

    if ((result = bobbin_status(x, 201)) < 0 || (result = bobbin_header(x, "X-Early", "drafted before the body")) < 0)
        return result;
    while (got > 0)
        got = bobbin_read(x, piece, sizeof piece);
    f->result = got;
    return got < 0 ? got : bobbin_reply_text(x, "read");
}

/* RFC 9110 §15: what was said of the reply before the body is read stays said. */
static void fields_set_before_the_body_is_read_are_sent(void **state)
{
    struct fixture *f = *state;

    start(f, "/x", answer_before_reading);
    for (int large = 0; large < 2; large++) {
        struct fake_client *client = fixture_connect(f);
        fixture_get(client, "/x");
        fixture_get(client, "/x");
        fixture_expect(client, 201);
        fixture_expect(client, 201);
        fake_feed_text(client, "POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n");
        assert_int_equal(fixture_reply(client, true)->status, 100);
        fake_split(client, large ? SIZE_MAX : 10);
        for (int i = 0; i < 10; i++)
            fake_feed_text(client, "40\r\n0123456789012345678901234567890123456789012345678901234567890123\r\n");
        fake_feed_text(client, "0\r\n\r\n");
        const struct reply *reply = fixture_expect(client, 201);
        assert_string_equal(fixture_field(reply, "X-Early"), "drafted before the body");
        assert_string_equal(reply->body, "read");
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(a_body_of_known_length_is_read_behind_a_head_of_any_length),
        FIXTURE_TEST(a_body_is_read_behind_a_head_that_came_behind_others),
        FIXTURE_TEST(a_chunked_body_is_read_behind_a_head_of_any_length),
        FIXTURE_TEST(a_decoded_path_survives_the_reading_of_a_body),
        FIXTURE_TEST(spans_survive_reading_and_writing),
        FIXTURE_TEST(replies_of_any_length_arrive_whole),
        FIXTURE_TEST(a_head_that_does_not_fit_becomes_a_whole_500),
        FIXTURE_TEST(chunked_replies_of_any_length_arrive_whole),
        FIXTURE_TEST(pipelined_replies_of_any_length_arrive_whole_and_in_order),
        FIXTURE_TEST(fields_set_before_the_body_is_read_are_sent),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests_name("buffers", tests, NULL, NULL);
}
