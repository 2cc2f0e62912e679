/* core/route.c: which route answers, and what is allowed. */
#include "route.h"

#include <string.h>

#include "guarded.h"
#include "unit.h"

static struct guarded guarded;

#define GET_ALL (BOBBIN_GET | BOBBIN_HEAD | BOBBIN_OPTIONS)

static int answer(struct bobbin_exchange *x, void *context)
{
    (void)x;
    (void)context;
    return 0;
}

#define ROUTE(text, which)                                                                                           \
    {                                                                                                                \
        .pattern = (text), .methods = (which), .handler = answer                                                     \
    }

static const struct bobbin_route routes[] = {
    ROUTE("/", BOBBIN_GET),
    ROUTE("/files/*", BOBBIN_GET),
    ROUTE("/users/{id}", BOBBIN_GET | BOBBIN_DELETE),
    ROUTE("/users/me", BOBBIN_GET),
    ROUTE("/users/{id}/*", BOBBIN_PUT),
    ROUTE("/users/{id}/pets/{pet}", BOBBIN_GET),
    ROUTE("/users/{id}/pets", BOBBIN_POST),
    ROUTE("/files/index", BOBBIN_POST),
    ROUTE("/files/index", BOBBIN_GET),
    ROUTE("/files/index", BOBBIN_GET | BOBBIN_PATCH),
    ROUTE("/files/index", BOBBIN_HEAD),
    ROUTE("/options", BOBBIN_OPTIONS),
    ROUTE("/dir/", BOBBIN_GET),
    ROUTE("/{x}/b", BOBBIN_GET),
    ROUTE("/a/{y}", BOBBIN_GET),
    ROUTE("/n/{x}", BOBBIN_PATCH),
    ROUTE("/n/*", BOBBIN_PATCH),
};

struct find_row {
    const char *name;
    struct bobbin_span path;
    enum bobbin_method method;
    int index; /* of the route; -1: none */
    unsigned allowed;
};

static const struct find_row find_rows[] = {
    {"root_is_found", SPAN("/"), BOBBIN_GET, 0, GET_ALL},
    {"head_is_served_by_get", SPAN("/"), BOBBIN_HEAD, 0, GET_ALL},
    {"other_method_is_not_allowed", SPAN("/"), BOBBIN_POST, -1, GET_ALL},
    {"options_is_left_to_the_server", SPAN("/"), BOBBIN_OPTIONS, -1, GET_ALL},
    {"options_of_its_own_is_found", SPAN("/options"), BOBBIN_OPTIONS, 11, BOBBIN_OPTIONS},
    {"get_is_not_served_by_options", SPAN("/options"), BOBBIN_GET, -1, BOBBIN_OPTIONS},
    {"unknown_path_allows_nothing", SPAN("/nothing"), BOBBIN_GET, -1, 0},
    {"options_of_unknown_path_allows_nothing", SPAN("/nothing"), BOBBIN_OPTIONS, -1, 0},
    {"path_is_no_prefix", SPAN("/users"), BOBBIN_GET, -1, 0},
    {"path_compares_with_case", SPAN("/Dir/"), BOBBIN_GET, -1, 0},
    {"final_slash_counts", SPAN("/dir"), BOBBIN_GET, -1, 0},
    {"final_slash_is_found", SPAN("/dir/"), BOBBIN_GET, 12, GET_ALL},
    {"rest_takes_one_segment", SPAN("/files/a"), BOBBIN_GET, 1, GET_ALL},
    {"rest_takes_many_segments", SPAN("/files/a/b//c/"), BOBBIN_GET, 1, GET_ALL},
    {"rest_takes_nothing_behind_the_slash", SPAN("/files/"), BOBBIN_GET, 1, GET_ALL},
    {"rest_does_not_take_the_bare_prefix", SPAN("/files"), BOBBIN_GET, -1, 0},
    {"name_takes_one_segment", SPAN("/users/7"), BOBBIN_GET, 2, GET_ALL | BOBBIN_DELETE},
    {"name_takes_no_empty_segment", SPAN("/users/"), BOBBIN_GET, -1, 0},
    {"name_stops_at_a_slash", SPAN("/users/7/"), BOBBIN_GET, -1, BOBBIN_PUT | BOBBIN_OPTIONS},
    {"name_takes_an_encoded_slash", SPAN("/users/7%2F8"), BOBBIN_GET, 2, GET_ALL | BOBBIN_DELETE},
    {"plain_goes_before_name", SPAN("/users/me"), BOBBIN_GET, 3, GET_ALL | BOBBIN_DELETE},
    {"plain_prefix_is_not_plain", SPAN("/users/mee"), BOBBIN_GET, 2, GET_ALL | BOBBIN_DELETE},
    {"method_goes_before_exactness", SPAN("/users/me"), BOBBIN_DELETE, 2, GET_ALL | BOBBIN_DELETE},
    {"name_goes_before_rest", SPAN("/users/7/pets/cat"), BOBBIN_GET, 5, GET_ALL | BOBBIN_PUT},
    {"rest_answers_what_the_exact_one_does_not", SPAN("/users/7/pets/cat"), BOBBIN_PUT, 4, GET_ALL | BOBBIN_PUT},
    {"allowed_collects_over_all_routes", SPAN("/users/7/pets"), BOBBIN_GET, -1,
     BOBBIN_POST | BOBBIN_PUT | BOBBIN_OPTIONS},
    {"plain_goes_before_rest", SPAN("/files/index"), BOBBIN_POST, 7, GET_ALL | BOBBIN_POST | BOBBIN_PATCH},
    {"among_equals_the_first_wins", SPAN("/files/index"), BOBBIN_GET, 8, GET_ALL | BOBBIN_POST | BOBBIN_PATCH},
    {"among_equals_the_method_decides", SPAN("/files/index"), BOBBIN_PATCH, 9, GET_ALL | BOBBIN_POST | BOBBIN_PATCH},
    {"head_of_its_own_goes_before_get", SPAN("/files/index"), BOBBIN_HEAD, 10, GET_ALL | BOBBIN_POST | BOBBIN_PATCH},
    {"first_differing_segment_decides", SPAN("/a/b"), BOBBIN_GET, 14, GET_ALL},
    {"earlier_name_goes_before_rest", SPAN("/n/1"), BOBBIN_PATCH, 15, BOBBIN_PATCH | BOBBIN_OPTIONS},
    {"later_rest_takes_what_the_name_does_not", SPAN("/n/1/"), BOBBIN_PATCH, 16, BOBBIN_PATCH | BOBBIN_OPTIONS},
    {"empty_path_has_no_route", SPAN(""), BOBBIN_GET, -1, 0},
    {"path_with_nul_has_no_route", SPAN("/dir/\0"), BOBBIN_GET, -1, 0},
};

static void check_find(void **state)
{
    const struct find_row *row = *state;
    struct bobbin_span path = {guarded_copy(&guarded, row->path.data, row->path.length), row->path.length};
    struct route_match found = route_find(routes, ROWS(routes), path, row->method);
    assert_int_equal(found.route == NULL ? -1 : (int)(found.route - routes), row->index);
    assert_int_equal(found.allowed, row->allowed);
}

static void no_routes_find_nothing(void **state)
{
    (void)state;
    struct route_match found = route_find(NULL, 0, SPAN_OF("/"), BOBBIN_GET);
    assert_null(found.route);
    assert_int_equal(found.allowed, 0);
    assert_int_equal(route_methods(NULL, 0), BOBBIN_OPTIONS);
}

static void methods_are_those_of_all_routes(void **state)
{
    (void)state;
    assert_int_equal(route_methods(routes, 1), GET_ALL);
    assert_int_equal(route_methods(routes, ROWS(routes)),
                     GET_ALL | BOBBIN_POST | BOBBIN_PUT | BOBBIN_DELETE | BOBBIN_PATCH);
}

struct parameter_row {
    const char *claim;
    const char *pattern;
    struct bobbin_span path;
    const char *name;
    const char *value; /* NULL: none */
};

static const struct parameter_row parameter_rows[] = {
    {"parameter_at_end", "/users/{id}", SPAN("/users/42"), "id", "42"},
    {"parameter_in_between", "/users/{id}/x", SPAN("/users/42/x"), "id", "42"},
    {"parameter_first_of_two", "/{a}/{b}", SPAN("/1/2"), "a", "1"},
    {"parameter_second_of_two", "/{a}/{b}", SPAN("/1/2"), "b", "2"},
    {"parameter_stays_encoded", "/{a}", SPAN("/1%2F2%25"), "a", "1%2F2%25"},
    {"parameter_of_another_name", "/{a}/{b}", SPAN("/1/2"), "c", NULL},
    {"parameter_name_is_no_prefix", "/{ab}", SPAN("/1"), "a", NULL},
    {"parameter_name_has_no_prefix", "/{a}", SPAN("/1"), "ab", NULL},
    {"parameter_of_plain_pattern", "/a", SPAN("/a"), "a", NULL},
    {"parameter_rest_has_no_leading_slash", "/f/*", SPAN("/f/a/b/"), "*", "a/b/"},
    {"parameter_rest_may_be_empty", "/f/*", SPAN("/f/"), "*", ""},
    {"parameter_rest_of_root", "/*", SPAN("/a"), "*", "a"},
    {"parameter_before_rest", "/{a}/*", SPAN("/1/2/3"), "a", "1"},
    {"parameter_rest_behind_name", "/{a}/*", SPAN("/1/2/3"), "*", "2/3"},
    {"parameter_rest_is_not_named", "/f/*", SPAN("/f/a"), "", NULL},
    {"parameter_star_of_pattern_without", "/{a}", SPAN("/1"), "*", NULL},
};

static void check_parameter(void **state)
{
    const struct parameter_row *row = *state;
    struct bobbin_route route = ROUTE(row->pattern, BOBBIN_GET);
    struct bobbin_span path = {guarded_copy(&guarded, row->path.data, row->path.length), row->path.length};
    struct bobbin_span value = route_parameter(&route, path, span_of(row->name));
    if (row->value == NULL) {
        assert_null(value.data);
        return;
    }
    assert_non_null(value.data);
    assert_true(bobbin_span_is(value, row->value));
}

static void patterns_are_checked(void **state)
{
    static const char *const valid[] = {"/",  "/a",   "/a/",    "//",         "/{id}", "/{id}/", "/a/{id}/b",
                                        "/*", "/a/*", "/{a}/*", "/{a-b_c.d}", "/a b",  "/a.b"};
    static const char *const invalid[] = {"",       "a",     "*",       "{a}",    " /a",   "/{}", "/{a", "/a}",
                                          "/a{b}",  "/{a}b", "/{a}{b}", "/{{a}}", "/a*",   "/*a", "/*/", "/*/a",
                                          "/a/*/b", "/**",   "/{*}",    "/{a/b}", "/a/b*", "/{"};
    (void)state;
    for (size_t i = 0; i < ROWS(valid); i++)
        assert_true(route_pattern_valid(valid[i]));
    for (size_t i = 0; i < ROWS(invalid); i++)
        assert_false(route_pattern_valid(invalid[i]));
    assert_false(route_pattern_valid(NULL));
}

struct overlap_row {
    const char *name;
    struct bobbin_route a, b;
    bool overlap;
};

static const struct overlap_row overlap_rows[] = {
    {"same_pattern_overlaps", ROUTE("/a", BOBBIN_GET), ROUTE("/a", BOBBIN_GET | BOBBIN_PUT), true},
    {"same_pattern_with_other_methods_does_not", ROUTE("/a", BOBBIN_GET), ROUTE("/a", BOBBIN_PUT), false},
    {"head_of_its_own_beside_get_does_not", ROUTE("/a", BOBBIN_GET), ROUTE("/a", BOBBIN_HEAD), false},
    {"other_text_does_not", ROUTE("/a", BOBBIN_GET), ROUTE("/b", BOBBIN_GET), false},
    {"prefix_does_not", ROUTE("/a", BOBBIN_GET), ROUTE("/ab", BOBBIN_GET), false},
    {"other_depth_does_not", ROUTE("/a", BOBBIN_GET), ROUTE("/a/b", BOBBIN_GET), false},
    {"final_slash_does_not", ROUTE("/a", BOBBIN_GET), ROUTE("/a/", BOBBIN_GET), false},
    {"plain_beside_name_overlaps", ROUTE("/u/me", BOBBIN_GET), ROUTE("/u/{id}", BOBBIN_GET), true},
    {"name_beside_name_overlaps", ROUTE("/u/{a}", BOBBIN_GET), ROUTE("/u/{b}", BOBBIN_GET), true},
    {"names_crossed_overlap", ROUTE("/{x}/b", BOBBIN_GET), ROUTE("/a/{y}", BOBBIN_GET), true},
    {"empty_segment_beside_name_does_not", ROUTE("/u/", BOBBIN_GET), ROUTE("/u/{id}", BOBBIN_GET), false},
    {"name_then_other_text_does_not", ROUTE("/{x}/b", BOBBIN_GET), ROUTE("/a/c", BOBBIN_GET), false},
    {"rest_beside_plain_does_not", ROUTE("/f/*", BOBBIN_GET), ROUTE("/f/a", BOBBIN_GET), false},
    {"rest_beside_empty_segment_does_not", ROUTE("/f/*", BOBBIN_GET), ROUTE("/f/", BOBBIN_GET), false},
    {"rest_beside_name_does_not", ROUTE("/f/*", BOBBIN_GET), ROUTE("/f/{a}/b", BOBBIN_GET), false},
    {"rest_of_root_does_not", ROUTE("/*", BOBBIN_GET), ROUTE("/a/b", BOBBIN_GET), false},
    {"rest_beside_longer_rest_does_not", ROUTE("/*", BOBBIN_GET), ROUTE("/a/*", BOBBIN_GET), false},
    {"rest_beside_same_rest_overlaps", ROUTE("/a/*", BOBBIN_GET), ROUTE("/a/*", BOBBIN_GET), true},
    {"rest_behind_name_does_not", ROUTE("/{x}/*", BOBBIN_GET), ROUTE("/a/b", BOBBIN_GET), false},
    {"rest_ahead_of_name_overlaps", ROUTE("/a/*", BOBBIN_GET), ROUTE("/{x}/b", BOBBIN_GET), true},
    {"rest_ahead_of_name_and_level_later_overlaps", ROUTE("/a/b/*", BOBBIN_GET), ROUTE("/{x}/b/c", BOBBIN_GET), true},
    {"rests_of_plain_and_name_overlap", ROUTE("/a/*", BOBBIN_GET), ROUTE("/{x}/*", BOBBIN_GET), true},
    {"rest_of_other_text_does_not", ROUTE("/a/*", BOBBIN_GET), ROUTE("/b/c", BOBBIN_GET), false},
    {"rest_beside_bare_prefix_does_not", ROUTE("/a/*", BOBBIN_GET), ROUTE("/a", BOBBIN_GET), false},
};

static void check_overlap(void **state)
{
    const struct overlap_row *row = *state;
    assert_int_equal(route_overlap(&row->a, &row->b), row->overlap);
    assert_int_equal(route_overlap(&row->b, &row->a), row->overlap);
}

static void allow_lists_the_methods(void **state)
{
    char out[ROUTE_ALLOW_MAX];
    (void)state;
    assert_span(((struct bobbin_span){out, route_allow(GET_ALL, out)}), "GET, HEAD, OPTIONS");
    assert_span(((struct bobbin_span){out, route_allow(BOBBIN_OPTIONS, out)}), "OPTIONS");
    assert_int_equal(route_allow(0, out), 0);
    assert_span(((struct bobbin_span){out, route_allow(~0u, out)}), "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_routes_find_nothing),
        cmocka_unit_test(methods_are_those_of_all_routes),
        cmocka_unit_test(patterns_are_checked),
        cmocka_unit_test(allow_lists_the_methods),
    };
    guarded_open(&guarded);
    int failed = unit_run_rows("find", find_rows, ROWS(find_rows), sizeof find_rows[0], check_find);
    failed +=
        unit_run_rows("parameter", parameter_rows, ROWS(parameter_rows), sizeof parameter_rows[0], check_parameter);
    failed += unit_run_rows("overlap", overlap_rows, ROWS(overlap_rows), sizeof overlap_rows[0], check_overlap);
    failed += cmocka_run_group_tests_name("route", tests, NULL, NULL);
    guarded_close(&guarded);
    return failed;
}
