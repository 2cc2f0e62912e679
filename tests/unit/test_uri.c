/* core/uri.c: targets, authorities, paths, escapes. */
#include "uri.h"

#include <string.h>

#include "bobbin/error.h"
#include "guarded.h"
#include "unit.h"

static struct guarded guarded_in, guarded_out;

struct path_row {
    const char *name;
    struct bobbin_span path;
    const char *normal; /* NULL: malformed */
};

static const struct path_row path_rows[] = {
    {"path_root_is_normal", SPAN("/"), "/"},
    {"path_plain_is_normal", SPAN("/a/b.c"), "/a/b.c"},
    {"path_keeps_case", SPAN("/Hello"), "/Hello"},
    {"path_keeps_final_slash", SPAN("/a/"), "/a/"},
    {"path_keeps_empty_segments", SPAN("//a///b//"), "//a///b//"},
    {"path_decodes_letters", SPAN("/%68%65llo"), "/hello"},
    {"path_decodes_either_case_of_hex", SPAN("/%6a%6A%C3%a9"), "/jj\xc3\xa9"},
    {"path_decodes_space_and_control", SPAN("/a%20b%0A%0d%7F"), "/a b\n\r\x7f"},
    {"path_decodes_question_mark_and_hash", SPAN("/a%3Fb%23"), "/a?b#"},
    {"path_keeps_plus", SPAN("/a+b"), "/a+b"},
    {"path_keeps_encoded_slash", SPAN("/a%2Fb"), "/a%2Fb"},
    {"path_keeps_encoded_slash_in_upper_case", SPAN("/a%2fb"), "/a%2Fb"},
    {"path_keeps_encoded_percent", SPAN("/100%25"), "/100%25"},
    {"path_decodes_once_only", SPAN("/%2568ello"), "/%2568ello"},
    {"path_does_not_decode_twice_into_dots", SPAN("/a/%252e%252e/b"), "/a/%252e%252e/b"},
    {"path_does_not_decode_twice_into_nul", SPAN("/%2500"), "/%2500"},
    {"path_drops_single_dots", SPAN("/./hello"), "/hello"},
    {"path_drops_single_dot_at_end", SPAN("/a/."), "/a/"},
    {"path_of_single_dot_is_root", SPAN("/."), "/"},
    {"path_climbs", SPAN("/x/../hello"), "/hello"},
    {"path_climbs_at_end", SPAN("/a/b/.."), "/a/"},
    {"path_climbs_to_root", SPAN("/a/.."), "/"},
    {"path_climbs_twice", SPAN("/a/b/../../c"), "/c"},
    {"path_stays_at_root", SPAN("/../../../etc/passwd"), "/etc/passwd"},
    {"path_of_dots_is_root", SPAN("/.."), "/"},
    {"path_of_dots_and_slash_is_root", SPAN("/../"), "/"},
    {"path_stays_at_root_midway", SPAN("/a/../../b"), "/b"},
    {"path_climbs_by_encoded_dots", SPAN("/a/%2e%2E/b"), "/b"},
    {"path_climbs_by_half_encoded_dots", SPAN("/a/.%2e/%2e./b"), "/b"},
    {"path_drops_encoded_single_dot", SPAN("/a/%2e/b"), "/a/b"},
    {"path_climb_takes_an_empty_segment", SPAN("/a//../b"), "/a/b"},
    {"path_climb_of_double_slash", SPAN("//../b"), "/b"},
    {"path_rfc3986_example", SPAN("/a/b/c/./../../g"), "/a/g"},
    {"path_three_dots_are_a_name", SPAN("/a/.../b"), "/a/.../b"},
    {"path_dot_files_are_names", SPAN("/.a/..b/c./d.."), "/.a/..b/c./d.."},
    {"path_encoded_slash_makes_no_dot_segment", SPAN("/a/..%2Fb"), "/a/..%2Fb"},
    {"path_encoded_backslash_is_a_byte", SPAN("/a/..%5Cb"), "/a/..\\b"},
    {"path_refuses_encoded_nul", SPAN("/a%00"), NULL},
    {"path_refuses_encoded_nul_in_a_dropped_segment", SPAN("/%00/../a"), NULL},
    {"path_refuses_lone_percent", SPAN("/a%"), NULL},
    {"path_refuses_short_escape", SPAN("/a%4"), NULL},
    {"path_refuses_escape_across_slash", SPAN("/a%4/b"), NULL},
    {"path_refuses_escape_of_no_hex", SPAN("/%g0"), NULL},
    {"path_refuses_escape_of_no_hex_second", SPAN("/%0g"), NULL},
    {"path_refuses_signed_escape", SPAN("/%+1"), NULL},
    {"path_refuses_doubled_percent", SPAN("/%%41"), NULL},
    {"path_refuses_unicode_escape", SPAN("/%u0041"), NULL},
    {"path_refuses_empty", SPAN(""), NULL},
    {"path_refuses_relative", SPAN("a/b"), NULL},
};

static void check_path(void **state)
{
    const struct path_row *row = *state;
    const char *in = guarded_copy(&guarded_in, row->path.data, row->path.length);
    char *out = guarded_room(&guarded_out, row->path.length);
    struct bobbin_span path = {in, row->path.length};
    int length = uri_normalize(path, out);

    if (row->normal == NULL) {
        assert_int_equal(length, BOBBIN_MALFORMED);
        assert_false(uri_path_is_normal(path));
        return;
    }
    assert_int_equal(length, strlen(row->normal));
    assert_memory_equal(out, row->normal, (size_t)length);

    bool same = (size_t)length == path.length && memcmp(in, row->normal, path.length) == 0;
    assert_int_equal(uri_path_is_normal(path), same);

    /* The normal form of the normal form is itself. */
    struct bobbin_span normal = {guarded_copy(&guarded_in, row->normal, (size_t)length), (size_t)length};
    assert_true(uri_path_is_normal(normal));
    assert_int_equal(uri_normalize(normal, guarded_room(&guarded_out, normal.length)), length);
    assert_memory_equal(guarded_room(&guarded_out, normal.length), row->normal, normal.length);
}

struct text_row {
    const char *name;
    struct bobbin_span text;
    bool valid;
};

static const struct text_row authority_rows[] = {
    {"authority_name", SPAN("example.org"), true},
    {"authority_name_and_port", SPAN("raspberrypi.local:1234"), true},
    {"authority_empty_port", SPAN("example.org:"), true},
    {"authority_underscore", SPAN("my_device"), true},
    {"authority_sub_delims", SPAN("a!$&'()*+,;=~-z"), true},
    {"authority_escape", SPAN("a%41b:80"), true},
    {"authority_ipv4", SPAN("192.168.0.7:1234"), true},
    {"authority_ipv6", SPAN("[2001:db8::7]:1234"), true},
    {"authority_ipv6_unspecified", SPAN("[::]"), true},
    {"authority_ipv6_loopback", SPAN("[::1]:1"), true},
    {"authority_ipv6_in_full", SPAN("[1:2:3:4:5:6:7:8]"), true},
    {"authority_ipv6_gap_at_end", SPAN("[1:2:3:4:5:6:7::]"), true},
    {"authority_ipv6_gap_at_start", SPAN("[::2:3:4:5:6:7:8]"), true},
    {"authority_ipv6_with_ipv4", SPAN("[::ffff:192.168.0.7]"), true},
    {"authority_ipv6_in_full_with_ipv4", SPAN("[1:2:3:4:5:6:1.2.3.4]"), true},
    {"authority_ip_future", SPAN("[v1.fe80::a+en1]"), true},
    {"authority_ip_future_of_version_0", SPAN("[v0.a]"), true},
    {"authority_refuses_empty", SPAN(""), false},
    {"authority_refuses_port_alone", SPAN(":80"), false},
    {"authority_refuses_userinfo", SPAN("user@example.org"), false},
    {"authority_refuses_userinfo_with_password", SPAN("a:b@example.org"), false},
    {"authority_refuses_two_ports", SPAN("a:1:2"), false},
    {"authority_refuses_letters_in_port", SPAN("a:8o"), false},
    {"authority_refuses_signed_port", SPAN("a:+80"), false},
    {"authority_refuses_slash", SPAN("a/b"), false},
    {"authority_refuses_question_mark", SPAN("a?b"), false},
    {"authority_refuses_hash", SPAN("a#b"), false},
    {"authority_refuses_backslash", SPAN("a\\b"), false},
    {"authority_refuses_space", SPAN("a b"), false},
    {"authority_refuses_list", SPAN("a, b"), false},
    {"authority_refuses_utf8", SPAN("\xc3\xa9.org"), false},
    {"authority_refuses_nul", SPAN("a\0"), false},
    {"authority_refuses_encoded_nul", SPAN("a%00"), false},
    {"authority_refuses_short_escape", SPAN("a%4"), false},
    {"authority_refuses_bad_escape", SPAN("a%zz"), false},
    {"authority_refuses_quote_and_angle", SPAN("<\">"), false},
    {"authority_refuses_open_bracket", SPAN("[::1"), false},
    {"authority_refuses_bracket_alone", SPAN("["), false},
    {"authority_refuses_empty_brackets", SPAN("[]"), false},
    {"authority_refuses_name_behind_brackets", SPAN("[::1]a"), false},
    {"authority_refuses_name_in_brackets", SPAN("[example]"), false},
    {"authority_refuses_ipv4_in_brackets", SPAN("[1.2.3.4]"), false},
    {"authority_refuses_zone", SPAN("[fe80::1%25eth0]"), false},
    {"authority_refuses_bare_ipv6", SPAN("::1"), false},
    {"authority_refuses_two_gaps", SPAN("[1::2::3]"), false},
    {"authority_refuses_three_colons", SPAN("[1:::2]"), false},
    {"authority_refuses_leading_colon", SPAN("[:1:2:3:4:5:6:7]"), false},
    {"authority_refuses_trailing_colon_alone", SPAN("[1:2:3:4:5:6:7:8:]"), false},
    {"authority_refuses_leading_colon_alone", SPAN("[:1:2:3:4:5:6:7:8]"), false},
    {"authority_refuses_trailing_colon", SPAN("[1:2:3:4:5:6:7:]"), false},
    {"authority_refuses_seven_groups", SPAN("[1:2:3:4:5:6:7]"), false},
    {"authority_refuses_nine_groups", SPAN("[1:2:3:4:5:6:7:8:9]"), false},
    {"authority_refuses_gap_of_nothing", SPAN("[1:2:3:4:5:6:7::8]"), false},
    {"authority_refuses_five_digits", SPAN("[::12345]"), false},
    {"authority_refuses_ipv4_not_last", SPAN("[::1.2.3.4:1]"), false},
    {"authority_refuses_ipv4_of_three", SPAN("[::1.2.3]"), false},
    {"authority_refuses_ipv4_of_five", SPAN("[::1.2.3.4.5]"), false},
    {"authority_refuses_ipv4_over_255", SPAN("[::1.2.3.256]"), false},
    {"authority_refuses_ipv4_leading_zero", SPAN("[::1.2.3.04]"), false},
    {"authority_refuses_ipv4_final_dot", SPAN("[::1.2.3.]"), false},
    {"authority_refuses_ip_future_without_version", SPAN("[v.a]"), false},
    {"authority_refuses_ip_future_without_address", SPAN("[v1.]"), false},
    {"authority_refuses_ip_future_with_at", SPAN("[v1.a@b]"), false},
};

static void check_authority(void **state)
{
    const struct text_row *row = *state;
    struct bobbin_span text = {guarded_copy(&guarded_in, row->text.data, row->text.length), row->text.length};
    assert_int_equal(uri_is_authority(text), row->valid);
}

/* Both sets in full: each byte alone in a path, and in a query. */
static void target_takes_the_documented_bytes(void **state)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/%|[]";
    static const char in_query[] = "?^`{}\\";
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        const char in_path_text[] = {'/', (char)byte}, in_query_text[] = {'/', '?', (char)byte};
        bool is_plain = memchr(plain, byte, sizeof plain - 1) != NULL;
        bool is_query = is_plain || memchr(in_query, byte, sizeof in_query - 1) != NULL;
        assert_int_equal(uri_is_target((struct bobbin_span){in_path_text, 2}), is_plain || byte == '?');
        assert_int_equal(uri_is_target((struct bobbin_span){in_query_text, 3}), is_query);
    }
}

struct decode_row {
    const char *name;
    struct bobbin_span text;
    bool form;
    const char *decoded; /* NULL: malformed */
};

static const struct decode_row decode_rows[] = {
    {"decode_nothing", SPAN(""), true, ""},
    {"decode_plain", SPAN("abc"), true, "abc"},
    {"decode_plus_is_space_in_forms", SPAN("a+b%2B"), true, "a b+"},
    {"decode_plus_is_plus_elsewhere", SPAN("a+b%20c"), false, "a+b c"},
    {"decode_slash_and_percent", SPAN("a%2fb%25c"), false, "a/b%c"},
    {"decode_once", SPAN("%2541"), true, "%41"},
    {"decode_high_bytes", SPAN("%ff\xfe"), true, "\xff\xfe"},
    {"decode_refuses_encoded_nul", SPAN("a%00b"), true, NULL},
    {"decode_refuses_nul", SPAN("a\0b"), true, NULL},
    {"decode_refuses_lone_percent", SPAN("a%"), true, NULL},
    {"decode_refuses_short_escape", SPAN("a%2"), false, NULL},
    {"decode_refuses_bad_escape", SPAN("%2x"), false, NULL},
};

static void check_decode(void **state)
{
    const struct decode_row *row = *state;
    struct bobbin_span text = {guarded_copy(&guarded_in, row->text.data, row->text.length), row->text.length};
    if (row->decoded == NULL) {
        assert_int_equal(uri_decode(text, row->form, guarded_room(&guarded_out, 64), 64), BOBBIN_MALFORMED);
        return;
    }
    size_t length = strlen(row->decoded);
    char *out = guarded_room(&guarded_out, length + 1);
    assert_int_equal(uri_decode(text, row->form, out, length + 1), length);
    assert_string_equal(out, row->decoded);
    for (size_t size = 0; size <= length; size++)
        assert_int_equal(uri_decode(text, row->form, guarded_room(&guarded_out, size), size), BOBBIN_TOO_BIG);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(target_takes_the_documented_bytes)};
    guarded_open(&guarded_in);
    guarded_open(&guarded_out);
    int failed = unit_run_rows("path", path_rows, ROWS(path_rows), sizeof path_rows[0], check_path);
    failed +=
        unit_run_rows("authority", authority_rows, ROWS(authority_rows), sizeof authority_rows[0], check_authority);
    failed += cmocka_run_group_tests_name("target", tests, NULL, NULL);
    failed += unit_run_rows("decode", decode_rows, ROWS(decode_rows), sizeof decode_rows[0], check_decode);
    guarded_close(&guarded_in);
    guarded_close(&guarded_out);
    return failed;
}
