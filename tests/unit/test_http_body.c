/* core/http_body.c: lengths and chunks, fed whole, byte by byte and split at each position. */
#include "http_body.h"

#include <string.h>

#include "guarded.h"
#include "unit.h"

static struct guarded guarded;

/* What a decoder made of an input. */
struct outcome {
    enum http_result result;
    size_t used;
    size_t content_length;
    char content[256];
};

static void keep(struct outcome *outcome, struct bobbin_span data)
{
    assert_true(outcome->content_length + data.length <= sizeof outcome->content);
    if (data.length > 0)
        memcpy(outcome->content + outcome->content_length, data.data, data.length);
    outcome->content_length += data.length;
}

/* Feeds one piece, that ends at the guard page, until it is used up or the body ended. */
static void feed(struct http_body *body, const char *piece, size_t length, struct outcome *outcome)
{
    const char *in = guarded_copy(&guarded, piece, length);
    while (length > 0 && outcome->result == HTTP_MORE) {
        size_t used = 0;
        struct bobbin_span data;
        outcome->result = http_body_next(body, in, length, &used, &data);
        assert_true(used > 0 && used <= length);
        assert_true(data.data >= in && data.data + data.length <= in + used);
        keep(outcome, data);
        outcome->used += used;
        in += used;
        length -= used;
    }
}

/* As a server that reads content into the handler's memory, past the decoder, where that may be. */
static void feed_plain(struct http_body *body, const char *in, size_t length, struct outcome *outcome)
{
    while (length > 0 && outcome->result == HTTP_MORE) {
        uint64_t plain = http_body_plain(body);
        size_t piece = plain > 2 ? 2 : (size_t)plain;
        if (piece > length)
            piece = length;
        if (piece == 0) {
            feed(body, in, piece = 1, outcome);
        } else {
            keep(outcome, (struct bobbin_span){in, piece});
            http_body_took(body, piece);
            outcome->used += piece;
            outcome->result = http_body_done(body) ? HTTP_DONE : HTTP_MORE;
        }
        in += piece;
        length -= piece;
    }
}

static void assert_outcome(const struct outcome *outcome, enum http_result result, size_t used,
                           struct bobbin_span content)
{
    assert_int_equal(outcome->result, result);
    assert_int_equal(outcome->used, used);
    assert_int_equal(outcome->content_length, content.length);
    if (content.length > 0)
        assert_memory_equal(outcome->content, content.data, content.length);
}

struct body_row {
    const char *name;
    struct bobbin_span in;
    enum http_result result;
    const char *content; /* also of a body that broke later on */
    size_t left;         /* bytes of the input that are not the body's */
};

#define CHUNK "5\r\nhello\r\n"

static const struct body_row rows[] = {
    {"chunk_then_last", SPAN(CHUNK "0\r\n\r\n"), HTTP_DONE, "hello", 0},
    {"chunks_are_joined", SPAN(CHUNK "1\r\n!\r\n2\r\n!?\r\n0\r\n\r\n"), HTTP_DONE, "hello!!?", 0},
    {"chunked_may_be_empty", SPAN("0\r\n\r\n"), HTTP_DONE, "", 0},
    {"chunked_leaves_what_follows", SPAN(CHUNK "0\r\n\r\nGET /"), HTTP_DONE, "hello", 5},
    {"chunked_waits_for_more", SPAN(CHUNK), HTTP_MORE, "hello", 0},
    {"chunked_waits_for_the_last_line", SPAN("0\r\n"), HTTP_MORE, "", 0},
    {"chunked_waits_for_the_last_lf", SPAN("0\r\n\r"), HTTP_MORE, "", 0},
    {"chunk_data_may_hold_anything", SPAN("8\r\n\r\n0\r\n\r\n\0\r\n0\r\n\r\n"), HTTP_DONE, NULL, 0},
    {"chunk_size_in_upper_case", SPAN("A\r\n0123456789\r\n0\r\n\r\n"), HTTP_DONE, "0123456789", 0},
    {"chunk_size_in_lower_case", SPAN("a\r\n0123456789\r\n0\r\n\r\n"), HTTP_DONE, "0123456789", 0},
    {"chunk_size_of_two_digits", SPAN("10\r\n0123456789abcdef\r\n0\r\n\r\n"), HTTP_DONE, "0123456789abcdef", 0},
    {"chunk_size_with_zeros", SPAN("0005\r\nhello\r\n000\r\n\r\n"), HTTP_DONE, "hello", 0},
    {"chunk_size_of_16_digits", SPAN("0000000000000005\r\nhello\r\n0\r\n\r\n"), HTTP_DONE, "hello", 0},
    {"chunk_size_of_17_digits_is_refused", SPAN("00000000000000005\r\nhello"), HTTP_BAD, "", 7},
    {"last_chunk_of_17_digits_is_refused", SPAN("00000000000000000\r\n"), HTTP_BAD, "", 2},
    {"chunk_size_of_64_bits_waits", SPAN("ffffffffffffffff\r\nhello"), HTTP_MORE, "hello", 0},
    {"chunk_size_over_64_bits_is_refused", SPAN("10000000000000005\r\nhello"), HTTP_BAD, "", 7},
    {"chunk_size_missing_is_refused", SPAN("\r\n"), HTTP_BAD, "", 1},
    {"chunk_size_missing_before_extension_is_refused", SPAN(";a\r\n"), HTTP_BAD, "", 3},
    {"chunk_size_after_space_is_refused", SPAN(" 5\r\nhello"), HTTP_BAD, "", 8},
    {"chunk_size_after_tab_is_refused", SPAN("\t5\r\n"), HTTP_BAD, "", 3},
    {"chunk_size_after_crlf_is_refused", SPAN("\r\n5\r\n"), HTTP_BAD, "", 4},
    {"chunk_size_with_plus_is_refused", SPAN("+5\r\n"), HTTP_BAD, "", 3},
    {"chunk_size_with_minus_is_refused", SPAN("-5\r\n"), HTTP_BAD, "", 3},
    {"chunk_size_with_0x_is_refused", SPAN("0x5\r\n"), HTTP_BAD, "", 3},
    {"chunk_size_with_underscore_is_refused", SPAN("1_0\r\n"), HTTP_BAD, "", 3},
    {"chunk_size_that_is_no_hex_is_refused", SPAN("5g\r\n"), HTTP_BAD, "", 2},
    {"chunk_size_with_nul_is_refused", SPAN("5\0\r\n"), HTTP_BAD, "", 2},
    {"chunk_size_with_comma_is_refused", SPAN("5,5\r\n"), HTTP_BAD, "", 3},
    {"chunk_size_with_bare_lf_is_refused", SPAN("5\nhello"), HTTP_BAD, "", 5},
    {"chunk_size_with_bare_cr_is_refused", SPAN("5\rhello"), HTTP_BAD, "", 4},
    {"chunk_size_with_two_crs_is_refused", SPAN("5\r\r\nhello"), HTTP_BAD, "", 6},
    {"chunk_size_before_blank_line_end_is_refused", SPAN("5 \r\nhello"), HTTP_BAD, "", 6},
    {"chunk_size_before_blank_and_text_is_refused", SPAN("5 5\r\n"), HTTP_BAD, "", 2},
    {"chunk_data_too_long_is_refused", SPAN("5\r\nhello!\r\n"), HTTP_BAD, "hello", 2},
    {"chunk_data_too_short_is_refused", SPAN("5\r\nhell\r\n0\r\n"), HTTP_BAD, "hell\r", 3},
    {"chunk_data_before_bare_lf_is_refused", SPAN("5\r\nhello\n0\r\n"), HTTP_BAD, "hello", 3},
    {"chunk_data_before_bare_cr_is_refused", SPAN("5\r\nhello\r0\r\n"), HTTP_BAD, "hello", 2},
    {"chunk_data_before_size_is_refused", SPAN("5\r\nhello0\r\n\r\n"), HTTP_BAD, "hello", 4},
    {"extension_is_passed_over", SPAN("5;a\r\nhello\r\n0;b\r\n\r\n"), HTTP_DONE, "hello", 0},
    {"extension_with_value", SPAN("5;a=b;c=\"d e\\\"\"\r\nhello\r\n0\r\n\r\n"), HTTP_DONE, "hello", 0},
    {"extension_after_blanks", SPAN("5 \t; a = b\r\nhello\r\n0\r\n\r\n"), HTTP_DONE, "hello", 0},
    {"extension_with_high_bytes", SPAN("0;a=\"\xff\"\r\n\r\n"), HTTP_DONE, "", 0},
    {"extension_with_bare_lf_is_refused", SPAN("5;a\nhello\r\n0\r\n\r\n"), HTTP_BAD, "", 12},
    {"extension_with_bare_cr_is_refused", SPAN("5;a\rb\r\n"), HTTP_BAD, "", 2},
    {"extension_with_quoted_lf_is_refused", SPAN("5;a=\"\n\"\r\n"), HTTP_BAD, "", 3},
    {"extension_with_nul_is_refused", SPAN("5;a\0\r\n"), HTTP_BAD, "", 2},
    {"extension_with_delete_is_refused", SPAN("5;a\x7f\r\n"), HTTP_BAD, "", 2},
    {"trailer_is_passed_over", SPAN("0\r\na: b\r\n\r\n"), HTTP_DONE, "", 0},
    {"trailers_are_passed_over", SPAN(CHUNK "0\r\nA:\r\nContent-Length: 5 \t\r\n\r\nrest"), HTTP_DONE, "hello", 4},
    {"trailer_with_high_bytes", SPAN("0\r\na: \xe9\r\n\r\n"), HTTP_DONE, "", 0},
    {"trailer_waits_for_the_empty_line", SPAN("0\r\na: b\r\n"), HTTP_MORE, "", 0},
    {"trailer_without_colon_is_refused", SPAN("0\r\na\r\n\r\n"), HTTP_BAD, "", 3},
    {"trailer_without_name_is_refused", SPAN("0\r\n: b\r\n\r\n"), HTTP_BAD, "", 6},
    {"trailer_with_space_before_colon_is_refused", SPAN("0\r\na : b\r\n\r\n"), HTTP_BAD, "", 7},
    {"trailer_with_separator_in_name_is_refused", SPAN("0\r\na(b: c\r\n\r\n"), HTTP_BAD, "", 8},
    {"trailer_that_is_a_request_is_refused", SPAN("0\r\nGET / HTTP/1.1\r\n\r\n"), HTTP_BAD, "", 14},
    {"trailer_folded_is_refused", SPAN("0\r\na: b\r\n c\r\n\r\n"), HTTP_BAD, "", 5},
    {"trailer_that_starts_with_space_is_refused", SPAN("0\r\n a: b\r\n"), HTTP_BAD, "", 6},
    {"trailer_with_bare_lf_is_refused", SPAN("0\r\na: b\n\r\n"), HTTP_BAD, "", 2},
    {"trailer_with_bare_cr_is_refused", SPAN("0\r\na: b\rc\r\n"), HTTP_BAD, "", 2},
    {"trailer_with_nul_is_refused", SPAN("0\r\na: \0\r\n"), HTTP_BAD, "", 2},
    {"chunked_end_with_bare_lf_is_refused", SPAN("0\r\n\n"), HTTP_BAD, "", 0},
    {"chunked_end_with_bare_cr_is_refused", SPAN("0\r\n\rx"), HTTP_BAD, "", 0},
    {"last_chunk_with_bare_lf_is_refused", SPAN("0\n\r\n"), HTTP_BAD, "", 2},
};

static void check_row(void **state)
{
    const struct body_row *row = *state;
    struct bobbin_span content = {row->content, row->content != NULL ? strlen(row->content) : 0};
    if (row->content == NULL)
        content = SPAN_OF("\r\n0\r\n\r\n\0");
    size_t used = row->in.length - row->left;

    for (size_t split = 0; split <= row->in.length; split++) {
        struct outcome outcome = {.result = HTTP_MORE};
        struct http_body body;
        http_body_chunked(&body);
        feed(&body, row->in.data, split, &outcome);
        if (outcome.result == HTTP_MORE)
            feed(&body, row->in.data + split, row->in.length - split, &outcome);
        assert_outcome(&outcome, row->result, used, content);
        assert_int_equal(http_body_done(&body), row->result == HTTP_DONE);
    }

    struct outcome outcome = {.result = HTTP_MORE};
    struct http_body body;
    http_body_chunked(&body);
    for (size_t i = 0; i < row->in.length; i++)
        feed(&body, row->in.data + i, 1, &outcome);
    assert_outcome(&outcome, row->result, used, content);

    outcome = (struct outcome){.result = HTTP_MORE};
    http_body_chunked(&body);
    feed_plain(&body, row->in.data, row->in.length, &outcome);
    assert_outcome(&outcome, row->result, used, content);
}

static void body_none_is_done_at_once(void **state)
{
    struct http_body body;
    size_t used = 9;
    struct bobbin_span data;
    (void)state;
    memset(&body, 0, sizeof body);
    assert_true(http_body_done(&body));
    assert_int_equal(http_body_plain(&body), 0);
    assert_int_equal(http_body_next(&body, "GET", 3, &used, &data), HTTP_DONE);
    assert_int_equal(used, 0);
    assert_int_equal(data.length, 0);
}

static void body_of_length_0_is_done_at_once(void **state)
{
    struct http_body body;
    size_t used = 9;
    struct bobbin_span data;
    (void)state;
    http_body_length(&body, 0);
    assert_true(http_body_done(&body));
    assert_int_equal(http_body_next(&body, "GET", 3, &used, &data), HTTP_DONE);
    assert_int_equal(used, 0);
}

static void body_of_length_ends_at_its_length(void **state)
{
    static const struct bobbin_span in = SPAN("helloGET");
    (void)state;
    for (size_t split = 0; split <= in.length; split++) {
        struct outcome outcome = {.result = HTTP_MORE};
        struct http_body body;
        http_body_length(&body, 5);
        feed(&body, in.data, split, &outcome);
        feed(&body, in.data + split, in.length - split, &outcome);
        assert_outcome(&outcome, HTTP_DONE, 5, SPAN_OF("hello"));
    }
    struct outcome outcome = {.result = HTTP_MORE};
    struct http_body body;
    http_body_length(&body, 5);
    feed_plain(&body, in.data, in.length, &outcome);
    assert_outcome(&outcome, HTTP_DONE, 5, SPAN_OF("hello"));
}

static void body_of_no_bytes_asks_for_the_state(void **state)
{
    struct http_body body;
    size_t used = 9;
    struct bobbin_span data;
    (void)state;
    http_body_length(&body, 1);
    assert_int_equal(http_body_next(&body, NULL, 0, &used, &data), HTTP_MORE);
    assert_int_equal(used, 0);
    assert_int_equal(data.length, 0);
    http_body_took(&body, 1);
    assert_int_equal(http_body_next(&body, NULL, 0, &used, &data), HTTP_DONE);
    http_body_took(&body, 0);
    assert_true(http_body_done(&body));
    http_body_chunked(&body);
    http_body_took(&body, 0);
    assert_int_equal(http_body_next(&body, NULL, 0, &used, &data), HTTP_MORE);
    assert_int_equal(http_body_plain(&body), 0);
}

static void body_length_holds_64_bits(void **state)
{
    struct http_body body;
    (void)state;
    http_body_length(&body, UINT64_MAX);
    assert_true(http_body_plain(&body) == UINT64_MAX);
    http_body_took(&body, UINT64_MAX - 1);
    assert_true(http_body_plain(&body) == 1);
    assert_false(http_body_done(&body));
    http_body_took(&body, 1);
    assert_true(http_body_done(&body));
}

static void body_error_is_final(void **state)
{
    struct http_body body;
    struct outcome outcome = {.result = HTTP_MORE};
    size_t used = 9;
    struct bobbin_span data;
    (void)state;
    http_body_chunked(&body);
    feed(&body, "x", 1, &outcome);
    assert_int_equal(outcome.result, HTTP_BAD);
    assert_int_equal(http_body_next(&body, "0\r\n\r\n", 5, &used, &data), HTTP_BAD);
    assert_int_equal(used, 0);
    assert_int_equal(data.length, 0);
    assert_false(http_body_done(&body));
}

static enum http_result feed_fill(struct http_body *body, const char *before, char fill, size_t count,
                                  const char *after)
{
    struct outcome outcome = {.result = HTTP_MORE};
    feed(body, before, strlen(before), &outcome);
    for (size_t i = 0; i < count; i++)
        feed(body, &fill, 1, &outcome);
    feed(body, after, strlen(after), &outcome);
    return outcome.result;
}

static void extensions_are_bounded(void **state)
{
    struct http_body body;
    (void)state;
    http_body_chunked(&body);
    assert_int_equal(feed_fill(&body, "0;", 'a', HTTP_BODY_EXTRA_MAX - 1, "\r\n\r\n"), HTTP_DONE);
    http_body_chunked(&body);
    assert_int_equal(feed_fill(&body, "0;", 'a', HTTP_BODY_EXTRA_MAX, "\r\n\r\n"), HTTP_BAD);
    http_body_chunked(&body);
    assert_int_equal(feed_fill(&body, "0", ' ', HTTP_BODY_EXTRA_MAX, ";\r\n\r\n"), HTTP_BAD);
}

static void trailers_are_bounded(void **state)
{
    struct http_body body;
    (void)state;
    http_body_chunked(&body);
    assert_int_equal(feed_fill(&body, "0\r\na:", 'b', HTTP_BODY_EXTRA_MAX - 2, "\r\n\r\n"), HTTP_DONE);
    http_body_chunked(&body);
    assert_int_equal(feed_fill(&body, "0\r\na:", 'b', HTTP_BODY_EXTRA_MAX - 1, "\r\n\r\n"), HTTP_BAD);
    http_body_chunked(&body);
    assert_int_equal(feed_fill(&body, "0\r\n", 'a', HTTP_BODY_EXTRA_MAX, ":\r\n\r\n"), HTTP_BAD);
}

static void extras_of_all_chunks_are_bounded_together(void **state)
{
    struct http_body body;
    struct outcome outcome = {.result = HTTP_MORE};
    (void)state;
    http_body_chunked(&body);
    for (size_t i = 0; i < HTTP_BODY_EXTRA_MAX / 8; i++) {
        feed(&body, "1;234567 \r\n!\r\n", 14, &outcome);
        outcome.content_length = 0;
    }
    assert_int_equal(outcome.result, HTTP_MORE);
    feed(&body, "0\r\na:\r\n\r\n", 9, &outcome);
    assert_int_equal(outcome.result, HTTP_BAD);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(body_none_is_done_at_once),
        cmocka_unit_test(body_of_length_0_is_done_at_once),
        cmocka_unit_test(body_of_length_ends_at_its_length),
        cmocka_unit_test(body_of_no_bytes_asks_for_the_state),
        cmocka_unit_test(body_length_holds_64_bits),
        cmocka_unit_test(body_error_is_final),
        cmocka_unit_test(extensions_are_bounded),
        cmocka_unit_test(trailers_are_bounded),
        cmocka_unit_test(extras_of_all_chunks_are_bounded_together),
    };
    guarded_open(&guarded);
    int failed = unit_run_rows("chunked", rows, ROWS(rows), sizeof rows[0], check_row);
    failed += cmocka_run_group_tests_name("body", tests, NULL, NULL);
    guarded_close(&guarded);
    return failed;
}
