/* core/span.c: comparing, splitting, numbers. */
#include "span.h"

#include "unit.h"

static void span_equal_compares_bytes_and_length(void **state)
{
    (void)state;
    assert_true(span_equal(SPAN_OF("abc"), SPAN_OF("abc")));
    assert_false(span_equal(SPAN_OF("abc"), SPAN_OF("abC")));
    assert_false(span_equal(SPAN_OF("abc"), SPAN_OF("ab")));
    assert_true(span_equal(SPAN_OF("a\0b"), SPAN_OF("a\0b")));
    assert_false(span_equal(SPAN_OF("a\0b"), SPAN_OF("a\0c")));
}

static void span_equal_takes_null_as_empty(void **state)
{
    struct bobbin_span none = {NULL, 0};
    (void)state;
    assert_true(span_equal(none, none));
    assert_true(span_equal(none, SPAN_OF("")));
    assert_true(bobbin_span_is(none, ""));
    assert_true(bobbin_span_is_nocase(none, ""));
    assert_false(bobbin_span_is(none, "a"));
}

static void span_nocase_folds_ascii_letters_only(void **state)
{
    (void)state;
    assert_true(bobbin_span_is_nocase(SPAN_OF("Content-LENGTH"), "content-length"));
    assert_true(bobbin_span_is_nocase(SPAN_OF("azAZ"), "AZaz"));
    assert_false(bobbin_span_is_nocase(SPAN_OF("@[`{"), "`{@["));
    assert_false(bobbin_span_is_nocase(SPAN_OF("\xc4"), "\xe4"));
    assert_false(bobbin_span_is_nocase(SPAN_OF("\x12"), "2"));
}

static void span_is_does_not_take_prefixes(void **state)
{
    (void)state;
    assert_true(bobbin_span_is(SPAN_OF("chunked"), "chunked"));
    assert_false(bobbin_span_is(SPAN_OF("chunked"), "chunke"));
    assert_false(bobbin_span_is(SPAN_OF("chunke"), "chunked"));
    assert_false(bobbin_span_is(SPAN_OF("a\0"), "a"));
    assert_false(bobbin_span_is_nocase(SPAN_OF("CHUNKED"), "chunke"));
    assert_false(bobbin_span_is_nocase(SPAN_OF("CHUNKE"), "chunked"));
}

static void span_trim_takes_spaces_and_tabs_only(void **state)
{
    (void)state;
    assert_span(span_trim(SPAN_OF(" \t a b\t ")), "a b");
    assert_span(span_trim(SPAN_OF("a")), "a");
    assert_span(span_trim(SPAN_OF(" \t ")), "");
    assert_span(span_trim(SPAN_OF("")), "");
    assert_span(span_trim(SPAN_OF("\va\r")), "\va\r");
}

static void span_list_passes_over_empty_elements(void **state)
{
    struct bobbin_span list = SPAN(", a ,\t,b c,, d"), element;
    (void)state;
    assert_true(span_next_element(&list, &element));
    assert_span(element, "a");
    assert_true(span_next_element(&list, &element));
    assert_span(element, "b c");
    assert_true(span_next_element(&list, &element));
    assert_span(element, "d");
    assert_false(span_next_element(&list, &element));
    assert_false(span_next_element(&list, &element));
}

static void span_list_of_commas_has_no_element(void **state)
{
    struct bobbin_span list = SPAN(" ,, \t,"), element, none = {NULL, 0};
    (void)state;
    assert_false(span_next_element(&list, &element));
    assert_false(span_next_element(&none, &element));
}

static void span_number_takes_64_bits_and_no_more(void **state)
{
    uint64_t value = 0;
    (void)state;
    assert_true(span_to_u64(SPAN_OF("0"), &value) && value == 0);
    assert_true(span_to_u64(SPAN_OF("00042"), &value) && value == 42);
    assert_true(span_to_u64(SPAN_OF("18446744073709551615"), &value) && value == UINT64_MAX);
    assert_false(span_to_u64(SPAN_OF("18446744073709551616"), &value));
    assert_false(span_to_u64(SPAN_OF("18446744073709551620"), &value));
    assert_false(span_to_u64(SPAN_OF("99999999999999999999"), &value));
    assert_false(span_to_u64(SPAN_OF("184467440737095516150"), &value));
}

static void span_number_refuses_what_is_no_digit(void **state)
{
    static const struct bobbin_span refused[] = {
        SPAN(""),    SPAN("+5"),  SPAN("-5"),   SPAN(" 5"), SPAN("5 "), SPAN("5,5"), SPAN("0x5"),
        SPAN("5\0"), SPAN("5e1"), SPAN("\xb2"), SPAN("/"),  SPAN("5:"), SPAN("a"),   {NULL, 0},
    };
    uint64_t value = 7;
    (void)state;
    for (size_t i = 0; i < ROWS(refused); i++)
        assert_false(span_to_u64(refused[i], &value));
    assert_int_equal(value, 7);
}

static void span_number_is_written_in_full(void **state)
{
    char out[20];
    (void)state;
    assert_int_equal(span_from_u64(out, 0), 1);
    assert_memory_equal(out, "0", 1);
    assert_int_equal(span_from_u64(out, 10), 2);
    assert_memory_equal(out, "10", 2);
    assert_int_equal(span_from_u64(out, 999), 3);
    assert_memory_equal(out, "999", 3);
    assert_int_equal(span_from_u64(out, UINT64_MAX), 20);
    assert_memory_equal(out, "18446744073709551615", 20);
}

static void span_hex_digit_knows_all_256_bytes(void **state)
{
    static const char digits[] = "0123456789abcdef";
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        int expected = -1;
        for (int i = 0; i < 16; i++)
            if (byte == digits[i] || (i >= 10 && byte == digits[i] - 'a' + 'A'))
                expected = i;
        assert_int_equal(span_hex_digit((char)byte), expected);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(span_equal_compares_bytes_and_length),
        cmocka_unit_test(span_equal_takes_null_as_empty),
        cmocka_unit_test(span_nocase_folds_ascii_letters_only),
        cmocka_unit_test(span_is_does_not_take_prefixes),
        cmocka_unit_test(span_trim_takes_spaces_and_tabs_only),
        cmocka_unit_test(span_list_passes_over_empty_elements),
        cmocka_unit_test(span_list_of_commas_has_no_element),
        cmocka_unit_test(span_number_takes_64_bits_and_no_more),
        cmocka_unit_test(span_number_refuses_what_is_no_digit),
        cmocka_unit_test(span_number_is_written_in_full),
        cmocka_unit_test(span_hex_digit_knows_all_256_bytes),
    };
    return cmocka_run_group_tests_name("span", tests, NULL, NULL);
}
