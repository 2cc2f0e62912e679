/* core/address.c: addresses as text, and which are one host's. */
#include <string.h>

#include "address.h"
#include "unit.h"

struct address_row {
    const char *name;
    struct port_address address;
    const char *text;
};

#define V4(...) .version = 4, .ip = {__VA_ARGS__}
#define V6(...) .version = 6, .ip = {__VA_ARGS__}

static const struct address_row rows[] = {
    {"address_v4", {V4(192, 168, 0, 7), .port = 1234}, "192.168.0.7:1234"},
    {"address_v4_shortest", {V4(0, 0, 0, 0), .port = 0}, "0.0.0.0:0"},
    {"address_v4_longest", {V4(255, 255, 255, 255), .port = 65535}, "255.255.255.255:65535"},
    {"address_v4_has_no_scope", {V4(10, 0, 0, 1), .port = 80, .scope = 2}, "10.0.0.1:80"},
    {"address_v6_unspecified", {V6(0), .port = 1}, "[::]:1"},
    {"address_v6_loopback", {V6([15] = 1), .port = 50312}, "[::1]:50312"},
    {"address_v6_gap_at_end", {V6(0x20, 0x01), .port = 80}, "[2001::]:80"},
    {"address_v6_gap_at_start", {V6([10] = 0xab, [15] = 0xcd), .port = 80}, "[::ab00:0:cd]:80"},
    {"address_v6_without_leading_zeros", {V6(0x20, 0x01, 0x0d, 0xb8, [15] = 0x7), .port = 80}, "[2001:db8::7]:80"},
    {"address_v6_longer_gap_wins",
     {V6(0x20, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1), .port = 80},
     "[2001:0:0:1::1]:80"},
    {"address_v6_first_gap_wins",
     {V6(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1), .port = 80},
     "[2001:db8::1:0:0:1]:80"},
    {"address_v6_one_zero_is_no_gap",
     {V6(0x20, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1), .port = 80},
     "[2001:0:1:1:1:1:1:1]:80"},
    {"address_v6_last_two_zeros_are",
     {V6(0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 0, 0, 0), .port = 80},
     "[1:2:3:4:5:6::]:80"},
    {"address_v6_with_scope", {V6(0xfe, 0x80, [15] = 1), .port = 80, .scope = 2}, "[fe80::1%2]:80"},
    {"address_v6_longest",
     {V6(255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255), .port = 65535,
      .scope = UINT32_MAX},
     "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535"},
};

static void check_address(void **state)
{
    const struct address_row *row = *state;
    struct bobbin_peer text;
    memset(&text, '#', sizeof text);
    address_text(&row->address, &text);
    assert_string_equal(text.text, row->text);
    /* Without the port and the brackets. */
    const char *end = strrchr(row->text, ':');
    size_t brackets = row->address.version == 6;
    assert_int_equal(text.address_start, brackets);
    assert_int_equal(text.address_length, (size_t)(end - row->text) - 2 * brackets);
}

static void hosts_are_the_same_whatever_the_port(void **state)
{
    const struct port_address a = {V4(10, 0, 0, 1), .port = 1}, b = {V4(10, 0, 0, 1), .port = 2};
    const struct port_address c = {V6(0xfe, 0x80, [15] = 1), .port = 1}, d = {V6(0xfe, 0x80, [15] = 1), .port = 2};
    (void)state;
    assert_true(address_same_host(&a, &b));
    assert_true(address_same_host(&c, &d));
}

static void hosts_differ_by_any_byte(void **state)
{
    for (size_t i = 0; i < 16; i++) {
        struct port_address a = {V6(0)}, b = {V6(0)};
        b.ip[i] = 1;
        assert_false(address_same_host(&a, &b));
        a.version = b.version = 4;
        assert_int_equal(address_same_host(&a, &b), i >= 4);
    }
    (void)state;
}

static void hosts_differ_by_version_and_scope(void **state)
{
    const struct port_address four = {V4(0)}, six = {V6(0)}, scoped = {V6(0), .scope = 1};
    (void)state;
    assert_false(address_same_host(&four, &six));
    assert_false(address_same_host(&six, &scoped));
}

static void loopback_is_127_8_and_1(void **state)
{
    const struct port_address first = {V4(127)}, last = {V4(127, 255, 255, 255)}, other = {V4(128, 0, 0, 1)};
    const struct port_address six = {V6([15] = 1)}, none = {V6(0)}, mapped = {V6(127, [15] = 1)};
    (void)state;
    assert_true(address_is_loopback(&first));
    assert_true(address_is_loopback(&last));
    assert_false(address_is_loopback(&other));
    assert_true(address_is_loopback(&six));
    assert_false(address_is_loopback(&none));
    assert_false(address_is_loopback(&mapped));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_the_same_whatever_the_port),
        cmocka_unit_test(hosts_differ_by_any_byte),
        cmocka_unit_test(hosts_differ_by_version_and_scope),
        cmocka_unit_test(loopback_is_127_8_and_1),
    };
    int failed = unit_run_rows("address", rows, ROWS(rows), sizeof rows[0], check_address);
    failed += cmocka_run_group_tests_name("text", tests, NULL, NULL);
    return failed;
}
