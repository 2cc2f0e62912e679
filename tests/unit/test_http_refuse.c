/* core/http_parse.c: heads that it refuses (RFC 9112 §2.2, §3, §5, §6; RFC 9110 §5, §7.2), among them the known
 * ways to have two servers see different requests in the same bytes. */
#include "heads.h"
#include "unit.h"

static const struct http_limits limits = {.head = 4096, .request_line = 1024, .fields = 32};

struct refused_row {
    const char *name;
    struct bobbin_span head;
    enum http_result result;
};

#define HOST    "Host: a\r\n"
#define GET     "GET / HTTP/1.1\r\n" HOST
#define POST    "POST / HTTP/1.1\r\n" HOST
#define END     "\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

static const struct refused_row line_rows[] = {
    {"parse_rejects_leading_space", SPAN(" GET / HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_leading_lf", SPAN("\n" GET END), HTTP_BAD},
    {"parse_rejects_leading_cr", SPAN("\r" GET END), HTTP_BAD},
    {"parse_rejects_leading_nul", SPAN("\0" GET END), HTTP_BAD},
    {"parse_rejects_two_spaces_after_method", SPAN("GET  / HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_two_spaces_after_target", SPAN("GET /  HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_tab_after_method", SPAN("GET\t/ HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_tab_after_target", SPAN("GET /\tHTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_space_after_version", SPAN("GET / HTTP/1.1 \r\n" HOST END), HTTP_BAD},
    {"parse_rejects_space_in_target", SPAN("GET /a b HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_method_alone", SPAN("GET\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_missing_version", SPAN("GET /\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_missing_target", SPAN("GET HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_empty_target", SPAN("GET  HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_missing_method", SPAN("/ HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_method_that_is_no_token", SPAN("G(T / HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_method_with_high_bytes", SPAN("G\xc9T / HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_method_with_colon", SPAN("GET: / HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_bare_lf_after_request_line", SPAN("GET / HTTP/1.1\n" HOST END), HTTP_BAD},
    {"parse_rejects_bare_cr_after_request_line", SPAN("GET / HTTP/1.1\r" HOST END), HTTP_BAD},
    {"parse_rejects_two_crs_after_request_line", SPAN("GET / HTTP/1.1\r\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_bare_cr_in_target", SPAN("GET /\ra HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_nul_in_target", SPAN("GET /\0 HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_nul_in_method", SPAN("GET\0 / HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_control_in_target", SPAN("GET /\x01 HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_delete_in_target", SPAN("GET /\x7f HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_high_bytes_in_target", SPAN("GET /\xc3\xa9 HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_high_bytes_in_query", SPAN("GET /?\xc3\xa9 HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_fragment", SPAN("GET /a#b HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_fragment_of_query", SPAN("GET /?a#b HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_quote_in_target", SPAN("GET /\" HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_angle_in_target", SPAN("GET /<a> HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_backslash_in_path", SPAN("GET /a\\b HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_target_without_slash", SPAN("GET a HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_target_that_is_a_query", SPAN("GET ?a HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_star_of_get", SPAN("GET * HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_star_and_more", SPAN("OPTIONS *a HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_authority_of_get", SPAN("GET a:80 HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_other_schemes", SPAN("GET https://a/ HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_scheme_with_one_slash", SPAN("GET http:/a HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_scheme_alone", SPAN("GET http:// HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_absolute_form_without_host", SPAN("GET http:///a HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_absolute_form_of_port", SPAN("GET http://:80/ HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_userinfo", SPAN("GET http://u@a/ HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_password", SPAN("GET http://u:p@a/ HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_absolute_form_with_bad_port", SPAN("GET http://a:b/ HTTP/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_absolute_form_with_bad_host", SPAN("GET http://a,b/ HTTP/1.1\r\nHost: a b\r\n\r\n"), HTTP_BAD},
    {"parse_rejects_absolute_form_without_host_field", SPAN("GET http://a/ HTTP/1.1\r\n\r\n"), HTTP_BAD},
    {"parse_rejects_version_in_lower_case", SPAN("GET / http/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_version_of_two_digits", SPAN("GET / HTTP/1.10\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_version_of_two_major_digits", SPAN("GET / HTTP/11.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_version_with_leading_zero", SPAN("GET / HTTP/01.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_version_without_minor", SPAN("GET / HTTP/1.\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_version_without_dot", SPAN("GET / HTTP/1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_version_with_other_dot", SPAN("GET / HTTP/1,1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_version_with_space", SPAN("GET / HTTP/ 1.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_version_of_letters", SPAN("GET / HTTP/x.1\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_version_of_minor_letter", SPAN("GET / HTTP/1.x\r\n" HOST END), HTTP_BAD},
    {"parse_rejects_version_of_another_protocol", SPAN("GET / ICY/1.1\r\n" HOST END), HTTP_BAD},
    {"parse_tells_unknown_method", SPAN("BREW / HTTP/1.1\r\n" HOST END), HTTP_NOT_IMPLEMENTED},
    {"parse_tells_trace", SPAN("TRACE / HTTP/1.1\r\n" HOST END), HTTP_NOT_IMPLEMENTED},
    {"parse_tells_connect", SPAN("CONNECT a:443 HTTP/1.1\r\n" HOST END), HTTP_NOT_IMPLEMENTED},
    {"parse_tells_method_in_lower_case", SPAN("get / HTTP/1.1\r\n" HOST END), HTTP_NOT_IMPLEMENTED},
    {"parse_tells_prefix_of_a_method", SPAN("GE / HTTP/1.1\r\n" HOST END), HTTP_NOT_IMPLEMENTED},
    {"parse_tells_longer_method", SPAN("GETS / HTTP/1.1\r\n" HOST END), HTTP_NOT_IMPLEMENTED},
    {"parse_tells_method_of_odd_token", SPAN("M-!#$%&'*+.^_`|~ / HTTP/1.1\r\n" HOST END), HTTP_NOT_IMPLEMENTED},
    {"parse_tells_method_without_end", SPAN("GETGETGETGETGETGETGETGETGETGETGETGETGETGET"), HTTP_NOT_IMPLEMENTED},
    {"parse_tells_version_before_method", SPAN("BREW / HTTP/2.0\r\n" HOST END), HTTP_VERSION_UNKNOWN},
    {"parse_tells_version_20", SPAN("GET / HTTP/2.0\r\n" HOST END), HTTP_VERSION_UNKNOWN},
    {"parse_tells_version_30", SPAN("GET / HTTP/3.0\r\n" HOST END), HTTP_VERSION_UNKNOWN},
    {"parse_tells_version_09", SPAN("GET / HTTP/0.9\r\n" HOST END), HTTP_VERSION_UNKNOWN},
    {"parse_tells_the_preface_of_version_2", SPAN("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), HTTP_VERSION_UNKNOWN},
    {"parse_rejects_empty_lines_without_end", SPAN(END END END END END END END END END END END END), HTTP_BAD},
    {"parse_rejects_tls", SPAN("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n"), HTTP_BAD},
};

static const struct refused_row field_rows[] = {
    {"parse_rejects_space_before_colon", SPAN(GET "A : b\r\n" END), HTTP_BAD},
    {"parse_rejects_tab_before_colon", SPAN(GET "A\t: b\r\n" END), HTTP_BAD},
    {"parse_rejects_space_in_name", SPAN(GET "A B: c\r\n" END), HTTP_BAD},
    {"parse_rejects_missing_colon", SPAN(GET "A\r\n" END), HTTP_BAD},
    {"parse_rejects_empty_name", SPAN(GET ": b\r\n" END), HTTP_BAD},
    {"parse_rejects_name_that_is_no_token", SPAN(GET "A(b): c\r\n" END), HTTP_BAD},
    {"parse_rejects_name_with_high_bytes", SPAN(GET "A\xe9: c\r\n" END), HTTP_BAD},
    {"parse_rejects_name_with_nul", SPAN(GET "A\0: c\r\n" END), HTTP_BAD},
    {"parse_rejects_name_with_bare_cr", SPAN(GET "A\rB: c\r\n" END), HTTP_BAD},
    {"parse_rejects_name_with_slash", SPAN(GET "A/B: c\r\n" END), HTTP_BAD},
    {"parse_rejects_fold", SPAN(GET "A: b\r\n c\r\n" END), HTTP_BAD},
    {"parse_rejects_fold_by_tab", SPAN(GET "A: b\r\n\tc\r\n" END), HTTP_BAD},
    {"parse_rejects_fold_of_blanks", SPAN(GET "A: b\r\n \r\n" END), HTTP_BAD},
    {"parse_rejects_fold_with_colon", SPAN(GET "A: b\r\n c: d\r\n" END), HTTP_BAD},
    {"parse_rejects_space_before_first_field", SPAN("GET / HTTP/1.1\r\n Host: a\r\n" END), HTTP_BAD},
    {"parse_rejects_value_with_nul", SPAN(GET "A: b\0c\r\n" END), HTTP_BAD},
    {"parse_rejects_value_with_bare_cr", SPAN(GET "A: b\rc\r\n" END), HTTP_BAD},
    {"parse_rejects_value_with_bare_cr_before_a_field", SPAN(GET "A: b\rContent-Length: 5\r\n" END), HTTP_BAD},
    {"parse_rejects_value_with_two_crs", SPAN(GET "A: b\r\r\n" END), HTTP_BAD},
    {"parse_rejects_value_with_bare_lf", SPAN(GET "A: b\nC: d\r\n" END), HTTP_BAD},
    {"parse_rejects_value_with_control", SPAN(GET "A: b\x01\r\n" END), HTTP_BAD},
    {"parse_rejects_value_with_escape", SPAN(GET "A: \x1b[2J\r\n" END), HTTP_BAD},
    {"parse_rejects_value_with_vertical_tab", SPAN(GET "A: \v\r\n" END), HTTP_BAD},
    {"parse_rejects_value_with_form_feed", SPAN(GET "A: \f\r\n" END), HTTP_BAD},
    {"parse_rejects_value_with_delete", SPAN(GET "A: \x7f\r\n" END), HTTP_BAD},
    {"parse_rejects_end_by_bare_lf", SPAN(GET "\n"), HTTP_BAD},
    {"parse_rejects_end_by_bare_lfs", SPAN("GET / HTTP/1.1\r\nHost: a\n\n"), HTTP_BAD},
    {"parse_rejects_end_by_bare_cr", SPAN(GET "\rA: b\r\n" END), HTTP_BAD},
    {"parse_rejects_end_by_two_crs", SPAN(GET "\r\r\n"), HTTP_BAD},
    {"parse_rejects_missing_host", SPAN("GET / HTTP/1.1\r\n\r\n"), HTTP_BAD},
    {"parse_rejects_missing_host_in_12", SPAN("GET / HTTP/1.2\r\n\r\n"), HTTP_BAD},
    {"parse_rejects_host_twice", SPAN(GET HOST END), HTTP_BAD},
    {"parse_rejects_two_hosts", SPAN(GET "Host: b\r\n" END), HTTP_BAD},
    {"parse_rejects_two_hosts_in_10", SPAN("GET / HTTP/1.0\r\n" HOST "Host: b\r\n" END), HTTP_BAD},
    {"parse_rejects_host_with_space", SPAN("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), HTTP_BAD},
    {"parse_rejects_host_list", SPAN("GET / HTTP/1.1\r\nHost: a,@\r\n\r\n"), HTTP_BAD},
    {"parse_rejects_host_with_userinfo", SPAN("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"), HTTP_BAD},
    {"parse_rejects_host_with_path", SPAN("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), HTTP_BAD},
    {"parse_rejects_host_with_scheme", SPAN("GET / HTTP/1.1\r\nHost: http://a\r\n\r\n"), HTTP_BAD},
    {"parse_rejects_host_with_bad_port", SPAN("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"), HTTP_BAD},
    {"parse_rejects_bad_host_in_10", SPAN("GET / HTTP/1.0\r\nHost: a b\r\n\r\n"), HTTP_BAD},
};

static const struct refused_row framing_rows[] = {
    {"parse_rejects_content_length_with_chunked", SPAN(POST "Content-Length: 5\r\n" CHUNKED END), HTTP_BAD},
    {"parse_rejects_chunked_with_content_length", SPAN(POST CHUNKED "Content-Length: 5\r\n" END), HTTP_BAD},
    {"parse_rejects_chunked_with_content_length_0", SPAN(POST CHUNKED "Content-Length: 0\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_twice", SPAN(POST "Content-Length: 5\r\nContent-Length: 5\r\n" END), HTTP_BAD},
    {"parse_rejects_two_content_lengths", SPAN(POST "Content-Length: 5\r\nContent-Length: 6\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_twice_apart", SPAN(POST "Content-Length: 5\r\nA: b\r\ncontent-length: 5\r\n" END),
     HTTP_BAD},
    {"parse_rejects_content_length_list", SPAN(POST "Content-Length: 5,5\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_list_with_space", SPAN(POST "Content-Length: 5, 5\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_with_comma", SPAN(POST "Content-Length: 5,\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_with_plus", SPAN(POST "Content-Length: +5\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_with_minus", SPAN(POST "Content-Length: -5\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_minus_0", SPAN(POST "Content-Length: -0\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_in_hex", SPAN(POST "Content-Length: 0x5\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_with_hex_digit", SPAN(POST "Content-Length: 5a\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_with_space", SPAN(POST "Content-Length: 5 5\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_with_fraction", SPAN(POST "Content-Length: 5.0\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_with_exponent", SPAN(POST "Content-Length: 5e1\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_with_underscore", SPAN(POST "Content-Length: 5_0\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_in_quotes", SPAN(POST "Content-Length: \"5\"\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_empty", SPAN(POST "Content-Length:\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_blank", SPAN(POST "Content-Length: \t \r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_of_letters", SPAN(POST "Content-Length: five\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_with_nul", SPAN(POST "Content-Length: 5\0\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_with_vertical_tab", SPAN(POST "Content-Length: \v5\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_folded", SPAN(POST "Content-Length:\r\n 5\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_before_space", SPAN(POST "Content-Length : 5\r\n" END), HTTP_BAD},
    {"parse_rejects_content_length_in_unicode_digits", SPAN(POST "Content-Length: \xef\xbc\x95\r\n" END), HTTP_BAD},
    {"parse_rejects_coding_before_space", SPAN(POST "Transfer-Encoding : chunked\r\n" END), HTTP_BAD},
    {"parse_rejects_coding_folded", SPAN(POST "Transfer-Encoding:\r\n chunked\r\n" END), HTTP_BAD},
    {"parse_rejects_coding_after_vertical_tab", SPAN(POST "Transfer-Encoding: \vchunked\r\n" END), HTTP_BAD},
    {"parse_rejects_coding_with_nul", SPAN(POST "Transfer-Encoding: chunked\0\r\n" END), HTTP_BAD},
    {"parse_rejects_coding_twice", SPAN(POST CHUNKED CHUNKED END), HTTP_BAD},
    {"parse_rejects_chunked_chunked", SPAN(POST "Transfer-Encoding: chunked, chunked\r\n" END), HTTP_BAD},
    {"parse_rejects_coding_empty", SPAN(POST "Transfer-Encoding:\r\n" END), HTTP_BAD},
    {"parse_rejects_coding_empty_before_chunked", SPAN(POST "Transfer-Encoding:\r\n" CHUNKED END), HTTP_BAD},
    {"parse_rejects_coding_in_10", SPAN("POST / HTTP/1.0\r\n" CHUNKED END), HTTP_BAD},
    {"parse_rejects_chunked_before_another", SPAN(POST "Transfer-Encoding: chunked, x\r\n" END), HTTP_BAD},
    {"parse_tells_chunked_with_parameter", SPAN(POST "Transfer-Encoding: chunked;a=b\r\n" END), HTTP_NOT_IMPLEMENTED},
    {"parse_tells_chunked_in_quotes", SPAN(POST "Transfer-Encoding: \"chunked\"\r\n" END), HTTP_NOT_IMPLEMENTED},
    {"parse_tells_length_over_64_bits", SPAN(POST "Content-Length: 18446744073709551616\r\n" END), HTTP_TOO_LARGE},
    {"parse_tells_length_of_30_digits", SPAN(POST "Content-Length: 100000000000000000000000000005\r\n" END),
     HTTP_TOO_LARGE},
    {"parse_tells_unknown_expectation", SPAN(POST "Expect: 200-ok\r\n" END), HTTP_EXPECTATION_FAILED},
    {"parse_tells_second_expectation", SPAN(POST "Expect: 100-continue, a=b\r\n" END), HTTP_EXPECTATION_FAILED},
    {"parse_rejects_unknown_coding_with_length", SPAN(POST "Transfer-Encoding: x\r\nContent-Length: 5\r\n" END),
     HTTP_BAD},
    {"parse_tells_unknown_coding", SPAN(POST "Transfer-Encoding: xchunked\r\n" END), HTTP_NOT_IMPLEMENTED},
    {"parse_tells_gzip", SPAN(POST "Transfer-Encoding: gzip, chunked\r\n" END), HTTP_NOT_IMPLEMENTED},
    {"parse_tells_identity", SPAN(POST "Transfer-Encoding: identity\r\n" END), HTTP_NOT_IMPLEMENTED},
};

static void check_row(void **state)
{
    const struct refused_row *row = *state;
    struct http_parser parser;
    for (size_t start = 0; start <= row->head.length; start++) {
        enum http_result result = head_parse_in_steps(&parser, &limits, row->head, start, row->head.length);
        assert_int_equal(result, row->result);
    }
    assert_int_equal(head_parse_in_steps(&parser, &limits, row->head, 0, 1), row->result);
}

int main(void)
{
    heads_open();
    int failed = unit_run_rows("request line", line_rows, ROWS(line_rows), sizeof line_rows[0], check_row);
    failed += unit_run_rows("fields", field_rows, ROWS(field_rows), sizeof field_rows[0], check_row);
    failed += unit_run_rows("framing", framing_rows, ROWS(framing_rows), sizeof framing_rows[0], check_row);
    heads_close();
    return failed;
}
