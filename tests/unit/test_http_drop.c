/* core/http_parse.c: heads larger than the buffer, in buffers of every size and pieces of every length. */
#include <string.h>

#include "guarded.h"
#include "heads.h"
#include "unit.h"

/* Not an http_result: the buffer is full, and nothing can be dropped. */
#define FULL 1000

static struct guarded guarded;

static const struct http_limits limits = {.head = 4096, .request_line = 1024, .fields = 32};

static bool is_kept(struct bobbin_span name, const void *context)
{
    return bobbin_span_is_nocase(name, context);
}

/* Pieces of 1, 2, ... bytes, then in larger steps: all that cut a line in another way. */
static size_t next_step(size_t step)
{
    return step + 1 + step / 8;
}

/* As a server does it: reads into `room` bytes, parses, and drops when they are full. */
static int feed(struct http_parser *parser, const struct http_limits *within, struct bobbin_span head, char *buffer,
                size_t room, size_t step)
{
    size_t length = 0, given = 0;
    memset(parser, 0, sizeof *parser);
    for (;;) {
        enum http_result result = http_parse(parser, within, buffer, &length);
        if (result != HTTP_MORE || given == head.length)
            return (int)result;
        if (length == room) {
            length = http_parse_drop(parser, buffer, room, is_kept, "X-Keep");
            if (length == room)
                return FULL;
        }
        size_t piece = step < room - length ? step : room - length;
        if (piece > head.length - given)
            piece = head.length - given;
        memcpy(buffer + length, head.data + given, piece);
        length += piece;
        given += piece;
    }
}

#define TEN    "0123456789"
#define FIFTY  TEN TEN TEN TEN TEN
#define LONG   FIFTY FIFTY FIFTY FIFTY
#define COOKIE "Cookie: " LONG "\r\n"
#define GET    "GET /abc HTTP/1.1\r\nHost: a\r\n"
#define POST   "POST /abc HTTP/1.1\r\nHost: a\r\n"
#define END    "\r\n"

struct dropped_row {
    const char *name;
    struct bobbin_span head; /* ends with the head */
    size_t room;             /* the least that is enough */
    const char *described;
    const char *kept; /* the value of X-Keep */
};

static const struct dropped_row dropped_rows[] = {
    {"drop_takes_out_a_long_cookie", SPAN(GET COOKIE END), 38, "GET /abc HTTP/1.1 host=a", NULL},
    {"drop_takes_out_a_cookie_before_host", SPAN("GET /abc HTTP/1.1\r\n" COOKIE "Host: a\r\n" END), 30,
     "GET /abc HTTP/1.1 host=a", NULL},
    {"drop_takes_out_short_lines", SPAN("GET /abc HTTP/1.1\r\nA: b\r\nHost: a\r\nC: d\r\nE: f\r\nG: h\r\n" END), 36,
     "GET /abc HTTP/1.1 host=a", NULL},
    {"drop_takes_out_lines_without_value", SPAN(GET "A:\r\nB:\r\nC:\r\nD:\r\nE:\r\n" END), 32,
     "GET /abc HTTP/1.1 host=a", NULL},
    {"drop_keeps_the_length", SPAN(POST COOKIE "Content-Length: 5\r\n" COOKIE END), 56,
     "POST /abc HTTP/1.1 host=a length=5", NULL},
    {"drop_keeps_the_coding", SPAN(POST COOKIE "Transfer-Encoding: chunked\r\n" COOKIE END), 66,
     "POST /abc HTTP/1.1 host=a chunked", NULL},
    {"drop_keeps_connection_and_expect",
     SPAN(POST COOKIE "Connection: close\r\n" COOKIE "Expect: 100-continue\r\nContent-Length: 5\r\n" END), 92,
     "POST /abc HTTP/1.1 host=a length=5 close continue", NULL},
    {"drop_keeps_what_a_route_names", SPAN(GET COOKIE "x-KEEP: 1 2\r\n" COOKIE END), 52, "GET /abc HTTP/1.1 host=a",
     "1 2"},
    {"drop_keeps_an_absolute_target", SPAN("GET http://b/c HTTP/1.1\r\n" COOKIE "Host: a\r\n" COOKIE END), 44,
     "GET /c HTTP/1.1 host=b", NULL},
    {"drop_takes_out_one_long_line_after_another", SPAN(GET COOKIE COOKIE "A: " LONG "\r\nB: " LONG "\r\n" END), 38,
     "GET /abc HTTP/1.1 host=a", NULL},
    {"drop_is_not_fooled_by_text_in_a_value", SPAN(GET "A: " LONG " Content-Length: 5" FIFTY "\r\n" END), 33,
     "GET /abc HTTP/1.1 host=a", NULL},
};

static void check_dropped(void **state)
{
    const struct dropped_row *row = *state;
    for (size_t room = row->room; room <= row->head.length; room++) {
        char *buffer = guarded_room(&guarded, room);
        for (size_t step = 1; step <= room; step = next_step(step)) {
            struct http_parser parser;
            assert_int_equal(feed(&parser, &limits, row->head, buffer, room, step), HTTP_DONE);
            size_t length = http_parse_length(&parser);
            assert_int_equal(parser.dropped + length, row->head.length);
            assert_string_equal(head_text(&parser, buffer, length).text, row->described);
            struct bobbin_span kept = http_field(&parser, buffer, SPAN_OF("X-Keep"));
            assert_int_equal(kept.data != NULL, row->kept != NULL);
            assert_true(row->kept == NULL || bobbin_span_is(kept, row->kept));
            assert_non_null(http_field(&parser, buffer, SPAN_OF("Host")).data);
        }
    }
}

struct refused_row {
    const char *name;
    struct bobbin_span head;
    size_t room;
    int result;
};

static const struct refused_row refused_rows[] = {
    {"dropped_line_with_nul_is_refused", SPAN(GET "Cookie: " LONG "\0" TEN "\r\n" END), 38, HTTP_BAD},
    {"dropped_line_with_control_is_refused", SPAN(GET "Cookie: " LONG "\x01\r\n" END), 38, HTTP_BAD},
    {"dropped_line_with_bare_cr_is_refused", SPAN(GET "Cookie: " LONG "\r" TEN "\r\n" END), 38, HTTP_BAD},
    {"dropped_line_with_two_crs_is_refused", SPAN(GET "Cookie: " LONG "\r\r\n" END), 38, HTTP_BAD},
    {"dropped_line_with_bare_lf_is_refused", SPAN(GET "Cookie: " LONG "\n" END), 38, HTTP_BAD},
    {"dropped_line_with_bare_cr_before_a_field_is_refused", SPAN(GET "Cookie: " LONG "\rContent-Length: 5\r\n" END),
     38, HTTP_BAD},
    {"dropped_line_with_bare_lf_before_a_field_is_refused", SPAN(GET "Cookie: " LONG "\nContent-Length: 5\r\n" END),
     38, HTTP_BAD},
    {"dropped_line_that_is_folded_is_refused", SPAN(GET COOKIE " a\r\n" END), 38, HTTP_BAD},
    {"dropped_line_that_is_folded_by_tab_is_refused", SPAN(GET COOKIE "\ta: b\r\n" END), 38, HTTP_BAD},
    {"line_without_colon_after_dropped_one_is_refused", SPAN(GET COOKIE "a\r\n" END), 38, HTTP_BAD},
    {"line_with_space_before_colon_is_not_dropped", SPAN(GET "Cookie : a\r\n" COOKIE END), 41, HTTP_BAD},
    {"second_length_after_dropped_line_is_refused",
     SPAN(POST "Content-Length: 5\r\n" COOKIE "Content-Length: 5\r\n" END), 80, HTTP_BAD},
    {"coding_after_dropped_line_and_length_is_refused",
     SPAN(POST "Content-Length: 5\r\n" COOKIE "Transfer-Encoding: chunked\r\n" END), 90, HTTP_BAD},
    {"second_host_after_dropped_line_is_refused", SPAN(GET COOKIE "Host: a\r\n" END), 38, HTTP_BAD},
    {"missing_host_is_refused_after_dropped_lines", SPAN("GET /abc HTTP/1.1\r\n" COOKIE END), 29, HTTP_BAD},
};

static void check_refused(void **state)
{
    const struct refused_row *row = *state;
    for (size_t room = row->room; room <= row->head.length; room++) {
        char *buffer = guarded_room(&guarded, room);
        for (size_t step = 1; step <= room; step = next_step(step)) {
            struct http_parser parser;
            int result = feed(&parser, &limits, row->head, buffer, room, step);
            /* A line that is broken already when the buffer is full is not dropped: either error ends it. */
            assert_true(result == row->result || (result == FULL && room < row->head.length));
        }
    }
}

static int feed_small(struct bobbin_span head, size_t room, const struct http_limits *within)
{
    struct http_parser parser;
    char *buffer = guarded_room(&guarded, room);
    int result = feed(&parser, within, head, buffer, room, 1);
    for (size_t step = 2; step <= room; step = next_step(step))
        assert_int_equal(feed(&parser, within, head, buffer, room, step), result);
    return result;
}

static void drop_leaves_the_request_line(void **state)
{
    (void)state;
    assert_int_equal(feed_small(SPAN_OF("GET /" LONG " HTTP/1.1\r\nHost: a\r\n\r\n"), 64, &limits), FULL);
}

static void drop_leaves_a_needed_line_that_does_not_fit(void **state)
{
    (void)state;
    assert_int_equal(feed_small(SPAN_OF(GET "X-Keep: " LONG "\r\n" END), 64, &limits), FULL);
    assert_int_equal(feed_small(SPAN_OF(GET "Content-Length: " LONG "\r\n" END), 64, &limits), FULL);
}

static void drop_leaves_a_name_that_does_not_fit(void **state)
{
    (void)state;
    assert_int_equal(feed_small(SPAN_OF(GET LONG ": a\r\n" END), 64, &limits), FULL);
}

static void drop_counts_its_bytes_for_the_limit(void **state)
{
    struct bobbin_span head = SPAN(GET COOKIE "A: b\r\n" COOKIE END);
    struct http_limits within = limits;
    (void)state;
    for (size_t room = 38; room <= 128; room++) {
        within.head = head.length;
        assert_int_equal(feed_small(head, room, &within), HTTP_DONE);
        within.head--;
        assert_int_equal(feed_small(head, room, &within), HTTP_FIELDS_TOO_LARGE);
    }
}

static void drop_of_a_line_without_end_meets_the_limit(void **state)
{
    struct bobbin_span head = SPAN(GET "Cookie: " LONG LONG LONG LONG);
    struct http_limits within = {.head = 512, .request_line = 64, .fields = 8};
    (void)state;
    assert_int_equal(feed_small(head, 64, &within), HTTP_FIELDS_TOO_LARGE);
}

static void drop_counts_its_lines_for_the_limit(void **state)
{
    struct bobbin_span head = SPAN(GET COOKIE "A: b\r\n" COOKIE END);
    struct http_limits within = limits;
    (void)state;
    for (size_t room = 38; room <= head.length; room++) {
        within.fields = 4;
        assert_int_equal(feed_small(head, room, &within), HTTP_DONE);
        within.fields = 3;
        assert_int_equal(feed_small(head, room, &within), HTTP_FIELDS_TOO_LARGE);
        within.fields = 1;
        assert_int_equal(feed_small(head, room, &within), HTTP_FIELDS_TOO_LARGE);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(drop_leaves_the_request_line),
        cmocka_unit_test(drop_leaves_a_needed_line_that_does_not_fit),
        cmocka_unit_test(drop_leaves_a_name_that_does_not_fit),
        cmocka_unit_test(drop_counts_its_bytes_for_the_limit),
        cmocka_unit_test(drop_of_a_line_without_end_meets_the_limit),
        cmocka_unit_test(drop_counts_its_lines_for_the_limit),
    };
    guarded_open(&guarded);
    int failed = unit_run_rows("drop", dropped_rows, ROWS(dropped_rows), sizeof dropped_rows[0], check_dropped);
    failed += unit_run_rows("refuse", refused_rows, ROWS(refused_rows), sizeof refused_rows[0], check_refused);
    failed += cmocka_run_group_tests_name("bounds", tests, NULL, NULL);
    guarded_close(&guarded);
    return failed;
}
