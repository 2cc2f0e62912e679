/* core/http_parse.c: heads that it takes, fed whole, byte by byte and split at each position; its limits; fields. */
#include <string.h>

#include "heads.h"
#include "unit.h"

static const struct http_limits limits = {.head = 4096, .request_line = 1024, .fields = 32};

struct accepted_row {
    const char *name;
    struct bobbin_span head;
    const char *described;
};

#define HOST "Host: a\r\n"
#define GET  "GET / HTTP/1.1\r\n" HOST
#define POST "POST / HTTP/1.1\r\n" HOST
#define END  "\r\n"

static const struct accepted_row rows[] = {
    {"parse_takes_a_get", SPAN(GET END), "GET / HTTP/1.1 host=a"},
    {"parse_leaves_what_follows", SPAN(GET END "GET /"), "GET / HTTP/1.1 host=a rest=5"},
    {"method_head", SPAN("HEAD / HTTP/1.1\r\n" HOST END), "HEAD / HTTP/1.1 host=a"},
    {"method_put", SPAN("PUT / HTTP/1.1\r\n" HOST END), "PUT / HTTP/1.1 host=a"},
    {"method_delete", SPAN("DELETE / HTTP/1.1\r\n" HOST END), "DELETE / HTTP/1.1 host=a"},
    {"method_patch", SPAN("PATCH / HTTP/1.1\r\n" HOST END), "PATCH / HTTP/1.1 host=a"},
    {"method_options", SPAN("OPTIONS / HTTP/1.1\r\n" HOST END), "OPTIONS / HTTP/1.1 host=a"},
    {"target_in_absolute_form_without_path", SPAN("GET http://b HTTP/1.1\r\n" HOST END), "GET  HTTP/1.1 host=b"},
    {"target_in_absolute_form_of_a_query", SPAN("GET http://b?c HTTP/1.1\r\n" HOST END), "GET ?c HTTP/1.1 host=b"},
    {"expect_anything_in_10_is_ignored", SPAN("GET / HTTP/1.0\r\nExpect: x\r\n\r\n"), "GET / HTTP/1.0 host="},
    {"parse_passes_over_an_empty_line", SPAN("\r\n" GET END), "GET / HTTP/1.1 host=a"},
    {"parse_passes_over_two_empty_lines", SPAN("\r\n\r\n" GET END), "GET / HTTP/1.1 host=a"},
    {"version_10_needs_no_host", SPAN("GET / HTTP/1.0\r\n\r\n"), "GET / HTTP/1.0 host="},
    {"version_10_may_have_host", SPAN("GET / HTTP/1.0\r\n" HOST END), "GET / HTTP/1.0 host=a"},
    {"version_12_is_taken_as_11", SPAN("GET / HTTP/1.2\r\n" HOST END), "GET / HTTP/1.1 host=a"},
    {"version_19_is_taken_as_11", SPAN("GET / HTTP/1.9\r\n" HOST END), "GET / HTTP/1.1 host=a"},
    {"target_with_query", SPAN("GET /a?b=c&d HTTP/1.1\r\n" HOST END), "GET /a?b=c&d HTTP/1.1 host=a"},
    {"target_with_two_question_marks", SPAN("GET /a?b?c HTTP/1.1\r\n" HOST END), "GET /a?b?c HTTP/1.1 host=a"},
    {"target_with_every_path_byte", SPAN("GET /-._~!$&'()*+,;=:@%20 HTTP/1.1\r\n" HOST END),
     "GET /-._~!$&'()*+,;=:@%20 HTTP/1.1 host=a"},
    {"target_as_browsers_send_it", SPAN("GET /a|[b]?^`{}\\ HTTP/1.1\r\n" HOST END),
     "GET /a|[b]?^`{}\\ HTTP/1.1 host=a"},
    {"target_with_two_slashes", SPAN("GET //a HTTP/1.1\r\n" HOST END), "GET //a HTTP/1.1 host=a"},
    {"target_star_of_options", SPAN("OPTIONS * HTTP/1.1\r\n" HOST END), "OPTIONS * HTTP/1.1 host=a"},
    {"target_in_absolute_form", SPAN("GET http://b/c HTTP/1.1\r\n" HOST END), "GET /c HTTP/1.1 host=b"},
    {"target_in_absolute_form_with_port", SPAN("GET http://b:80/c?d HTTP/1.1\r\n" HOST END),
     "GET /c?d HTTP/1.1 host=b:80"},
    {"target_in_absolute_form_of_ipv6", SPAN("GET http://[::1]:80/c HTTP/1.1\r\n" HOST END),
     "GET /c HTTP/1.1 host=[::1]:80"},
    {"target_in_absolute_form_any_case", SPAN("GET HTTP://B/ HTTP/1.1\r\n" HOST END), "GET / HTTP/1.1 host=B"},
    {"target_in_absolute_form_goes_before_host", SPAN("GET http://b/ HTTP/1.1\r\nA: b\r\n" HOST END),
     "GET / HTTP/1.1 host=b"},
    {"target_in_absolute_form_in_10", SPAN("GET http://b/ HTTP/1.0\r\n\r\n"), "GET / HTTP/1.0 host=b"},
    {"host_with_port", SPAN("GET / HTTP/1.1\r\nHost: a.local:1234\r\n\r\n"), "GET / HTTP/1.1 host=a.local:1234"},
    {"host_as_address", SPAN("GET / HTTP/1.1\r\nHost: [fe80::1]:80\r\n\r\n"), "GET / HTTP/1.1 host=[fe80::1]:80"},
    {"host_in_any_case_and_place", SPAN("GET / HTTP/1.1\r\nA: b\r\nhOST:a\r\n\r\n"), "GET / HTTP/1.1 host=a"},
    {"field_space_around_value_is_trimmed", SPAN("GET / HTTP/1.1\r\nHost: \t a \t\r\n\r\n"), "GET / HTTP/1.1 host=a"},
    {"field_value_may_be_empty", SPAN(GET "A:\r\nB: \t\r\n" END), "GET / HTTP/1.1 host=a"},
    {"field_value_may_hold_tab_and_high_bytes", SPAN(GET "A: b\tc\x80\xff!~\r\n" END), "GET / HTTP/1.1 host=a"},
    {"field_value_may_hold_colons", SPAN(GET "A::b:\r\n" END), "GET / HTTP/1.1 host=a"},
    {"field_name_may_be_any_token", SPAN(GET "!#$%&'*+-.^_`|~09azAZ: b\r\n" END), "GET / HTTP/1.1 host=a"},
    {"field_that_looks_like_a_length_is_none", SPAN(POST "Content_Length: 5\r\nX-Content-Length: 6\r\n" END),
     "POST / HTTP/1.1 host=a"},
    {"length_is_taken", SPAN(POST "Content-Length: 5\r\n" END "hello"), "POST / HTTP/1.1 host=a length=5 rest=5"},
    {"length_of_0", SPAN(POST "Content-Length: 0\r\n" END), "POST / HTTP/1.1 host=a length=0"},
    {"length_in_any_case", SPAN(POST "content-LENGTH:5\r\n" END), "POST / HTTP/1.1 host=a length=5"},
    {"length_with_space_around", SPAN(POST "Content-Length: \t5 \t\r\n" END), "POST / HTTP/1.1 host=a length=5"},
    {"length_with_leading_zeros", SPAN(POST "Content-Length: 005\r\n" END), "POST / HTTP/1.1 host=a length=5"},
    {"length_of_a_get", SPAN(GET "Content-Length: 5\r\n" END), "GET / HTTP/1.1 host=a length=5"},
    {"length_in_10", SPAN("POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n"), "POST / HTTP/1.0 host= length=5"},
    {"length_of_63_bits", SPAN(POST "Content-Length: 9223372036854775807\r\n" END),
     "POST / HTTP/1.1 host=a length=9223372036854775807"},
    {"coding_chunked", SPAN(POST "Transfer-Encoding: chunked\r\n" END), "POST / HTTP/1.1 host=a chunked"},
    {"coding_chunked_in_any_case", SPAN(POST "transfer-encoding:cHUNKED \t\r\n" END),
     "POST / HTTP/1.1 host=a chunked"},
    {"connection_close", SPAN(GET "Connection: close\r\n" END), "GET / HTTP/1.1 host=a close"},
    {"connection_keep_alive", SPAN("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"),
     "GET / HTTP/1.0 host= keep-alive"},
    {"connection_list", SPAN(GET "Connection: TE ,, CLOSE,x\r\n" END), "GET / HTTP/1.1 host=a close"},
    {"connection_lines", SPAN(GET "Connection: keep-alive\r\nConnection: close\r\n" END),
     "GET / HTTP/1.1 host=a close keep-alive"},
    {"connection_is_compared_whole", SPAN(GET "Connection: closed, xclose, close x\r\n" END),
     "GET / HTTP/1.1 host=a"},
    {"expect_continue", SPAN(POST "Content-Length: 5\r\nExpect: 100-Continue\r\n" END),
     "POST / HTTP/1.1 host=a length=5 continue"},
    {"expect_in_10_is_ignored", SPAN("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"),
     "POST / HTTP/1.0 host= length=5"},
};

static void assert_described(const struct accepted_row *row, size_t start, size_t step)
{
    struct http_parser parser;
    assert_int_equal(head_parse_in_steps(&parser, &limits, row->head, start, step), HTTP_DONE);
    assert_string_equal(head_text(&parser, row->head.data, row->head.length).text, row->described);
}

static void check_accepted(void **state)
{
    const struct accepted_row *row = *state;
    for (size_t start = 0; start <= row->head.length; start++)
        assert_described(row, start, row->head.length);
    assert_described(row, 0, 1);
}

/* One step before its end a head is not done, whatever it holds. */
static void check_unfinished(void **state)
{
    const struct accepted_row *row = *state;
    struct http_parser parser;
    assert_int_equal(head_parse_in_steps(&parser, &limits, row->head, 0, 1), HTTP_DONE);
    struct bobbin_span unfinished = {row->head.data, http_parse_length(&parser) - 1};
    assert_int_equal(head_parse_in_steps(&parser, &limits, unfinished, unfinished.length, 1), HTTP_MORE);
}

static void request_line_is_kept_for_the_log(void **state)
{
    static const struct bobbin_span head = SPAN("\r\nGET http://b/c HTTP/1.1\r\nHost: a\r\n\r\n");
    struct http_parser parser;
    (void)state;
    assert_int_equal(head_parse_in_steps(&parser, &limits, head, 0, 1), HTTP_DONE);
    struct bobbin_span line = {head.data + parser.request_line.start, parser.request_line.length};
    assert_span(line, "GET http://b/c HTTP/1.1");
}

/* The result for a head against limits that are exactly its own, less `head`, `line` and `fields`. */
static enum http_result parse_with_less(size_t head, size_t line, size_t fields, size_t step)
{
    static const struct bobbin_span text = SPAN("GET /abc HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n");
    struct http_limits exact = {.head = text.length - head, .request_line = 17 - line, .fields = 2 - fields};
    struct http_parser parser;
    return head_parse_in_steps(&parser, &exact, text, step == 1 ? 0 : text.length, step);
}

static void limits_hold_to_the_byte(void **state)
{
    (void)state;
    for (size_t step = 1; step <= 2; step++) {
        assert_int_equal(parse_with_less(0, 0, 0, step), HTTP_DONE);
        assert_int_equal(parse_with_less(1, 0, 0, step), HTTP_FIELDS_TOO_LARGE);
        assert_int_equal(parse_with_less(0, 1, 0, step), HTTP_URI_TOO_LONG);
        assert_int_equal(parse_with_less(0, 0, 1, step), HTTP_FIELDS_TOO_LARGE);
    }
}

/* What comes without an end is refused once it cannot become shorter, not kept for ever. */
static enum http_result parse_filled(struct bobbin_span start, char fill, size_t count)
{
    static char text[2048];
    struct http_limits small = {.head = 256, .request_line = 64, .fields = 8};
    struct http_parser parser;
    assert_true(start.length + count <= sizeof text);
    memcpy(text, start.data, start.length);
    memset(text + start.length, fill, count);
    struct bobbin_span head = {text, start.length + count};
    enum http_result whole = head_parse_in_steps(&parser, &small, head, head.length, 1);
    assert_int_equal(head_parse_in_steps(&parser, &small, head, 0, 1), whole);
    return whole;
}

static void request_line_without_end_is_refused(void **state)
{
    (void)state;
    assert_int_equal(parse_filled(SPAN_OF("GET /"), 'a', 64 - 5), HTTP_MORE);
    assert_int_equal(parse_filled(SPAN_OF("GET /"), 'a', 64 - 5 + 2), HTTP_URI_TOO_LONG);
    assert_int_equal(parse_filled(SPAN_OF("GET /"), 'a', 1024), HTTP_URI_TOO_LONG);
    assert_int_equal(parse_filled(SPAN_OF(""), 'G', 200), HTTP_NOT_IMPLEMENTED);
}

static void fields_without_end_are_refused(void **state)
{
    (void)state;
    const size_t most = 256 - (sizeof(GET "A: ") - 1);
    assert_int_equal(parse_filled(SPAN_OF(GET "A: "), 'a', most), HTTP_MORE);
    assert_int_equal(parse_filled(SPAN_OF(GET "A: "), 'a', most + 1), HTTP_FIELDS_TOO_LARGE);
    assert_int_equal(parse_filled(SPAN_OF(GET "A: "), 'a', 1024), HTTP_FIELDS_TOO_LARGE);
    assert_int_equal(parse_filled(SPAN_OF(GET), 'a', 1024), HTTP_FIELDS_TOO_LARGE);
}

static void fields_are_found_by_name(void **state)
{
    static const struct bobbin_span head = SPAN(GET "A: 1\r\nab: 2 \r\nA:\r\nb: \t3, 4\t\r\na: 5\r\n" END "A: 6\r\n");
    struct http_parser parser;
    (void)state;
    assert_int_equal(head_parse_in_steps(&parser, &limits, head, head.length, 1), HTTP_DONE);
    assert_span(http_field(&parser, head.data, SPAN_OF("a")), "1");
    assert_span(http_field(&parser, head.data, SPAN_OF("AB")), "2");
    assert_span(http_field(&parser, head.data, SPAN_OF("B")), "3, 4");
    assert_span(http_field(&parser, head.data, SPAN_OF("host")), "a");
    assert_null(http_field(&parser, head.data, SPAN_OF("c")).data);
    assert_null(http_field(&parser, head.data, SPAN_OF("")).data);
    assert_null(http_field(&parser, head.data, SPAN_OF("GET / HTTP/1.1\r\nHost")).data);
}

static void fields_of_one_name_are_found_in_order(void **state)
{
    static const struct bobbin_span head = SPAN(GET "A: 1\r\nab: 2 \r\nA:\r\na: 5\r\n" END "A: 6\r\n");
    struct http_parser parser;
    (void)state;
    assert_int_equal(head_parse_in_steps(&parser, &limits, head, head.length, 1), HTTP_DONE);
    struct bobbin_span value = http_field_next(&parser, head.data, SPAN_OF("a"), (struct bobbin_span){NULL, 0});
    assert_span(value, "1");
    value = http_field_next(&parser, head.data, SPAN_OF("a"), value);
    assert_non_null(value.data);
    assert_span(value, "");
    value = http_field_next(&parser, head.data, SPAN_OF("a"), value);
    assert_span(value, "5");
    assert_null(http_field_next(&parser, head.data, SPAN_OF("a"), value).data);
}

static void field_of_a_head_without_fields_is_none(void **state)
{
    static const struct bobbin_span head = SPAN("GET / HTTP/1.0\r\n\r\nA: 1\r\n");
    struct http_parser parser;
    (void)state;
    assert_int_equal(head_parse_in_steps(&parser, &limits, head, head.length, 1), HTTP_DONE);
    assert_null(http_field(&parser, head.data, SPAN_OF("A")).data);
}

static void tokens_and_values_know_all_256_bytes(void **state)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        const char text[] = {'a', (char)byte, 'b'};
        struct bobbin_span span = {text, sizeof text};
        assert_int_equal(http_is_token(span), memchr(token, byte, sizeof token - 1) != NULL);
        assert_int_equal(http_is_field_value(span), byte == '\t' || (byte >= ' ' && byte != 0x7f));
    }
    /* Values are looked at by words: each byte at each place of some. */
    for (int byte = 0; byte < 256; byte++)
        for (size_t at = 0; at < 20; at++) {
            char text[] = "~ a line of 20 bytes";
            text[at] = (char)byte;
            assert_int_equal(http_is_field_value((struct bobbin_span){text, 20}),
                             byte == '\t' || (byte >= ' ' && byte != 0x7f));
        }
    assert_false(http_is_token(SPAN_OF("")));
    assert_true(http_is_field_value(SPAN_OF("")));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_line_is_kept_for_the_log),
        cmocka_unit_test(limits_hold_to_the_byte),
        cmocka_unit_test(request_line_without_end_is_refused),
        cmocka_unit_test(fields_without_end_are_refused),
        cmocka_unit_test(fields_are_found_by_name),
        cmocka_unit_test(fields_of_one_name_are_found_in_order),
        cmocka_unit_test(field_of_a_head_without_fields_is_none),
        cmocka_unit_test(tokens_and_values_know_all_256_bytes),
    };
    heads_open();
    int failed = unit_run_rows("head", rows, ROWS(rows), sizeof rows[0], check_accepted);
    failed += unit_run_rows("unfinished head", rows, ROWS(rows), sizeof rows[0], check_unfinished);
    failed += cmocka_run_group_tests_name("parse", tests, NULL, NULL);
    heads_close();
    return failed;
}
