/* As much of cmocka as the contract suite's threads and locks need, where there is no system to run it on: the first
 * assertion that does not hold stops the board. */
#ifndef CMOCKA_H
#define CMOCKA_H

#include <stdbool.h>
#include <stdint.h>

struct CMUnitTest {
    const char *name;
    void (*run)(void **state);
    int (*setup)(void **state);
    int (*teardown)(void **state);
};

#define cmocka_unit_test_setup_teardown(test, setup, teardown) {#test, test, setup, teardown}
#define cmocka_run_group_tests_name(name, tests, setup, teardown)                                                    \
    cmocka_run_all(name, tests, sizeof(tests) / sizeof *(tests))

int cmocka_run_all(const char *group, const struct CMUnitTest *tests, unsigned count);
void cmocka_set_test_filter(const char *filter);
void cmocka_check(bool holds, const char *what);

#define assert_true(truth)         cmocka_check((truth) != 0, #truth)
#define assert_false(truth)        cmocka_check((truth) == 0, "not " #truth)
#define assert_non_null(pointer)   cmocka_check((pointer) != NULL, #pointer " is not NULL")
#define assert_int_equal(a, b)     cmocka_check((intmax_t)(a) == (intmax_t)(b), #a " == " #b)
#define assert_ptr_equal(a, b)     cmocka_check((const void *)(a) == (const void *)(b), #a " == " #b)
#define assert_int_not_equal(a, b) cmocka_check((intmax_t)(a) != (intmax_t)(b), #a " != " #b)

#endif
