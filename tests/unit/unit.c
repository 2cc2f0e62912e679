/* Makes cmocka's tests out of tables. */
#include "unit.h"

#include <string.h>

#define ROWS_MAX 512

int unit_run_rows(const char *group, const void *rows, size_t count, size_t row_bytes, CMUnitTestFunction check)
{
    static struct CMUnitTest tests[ROWS_MAX];
    if (count > ROWS_MAX)
        return 1;
    memset(tests, 0, sizeof tests);
    for (size_t i = 0; i < count; i++) {
        const char *row = (const char *)rows + i * row_bytes;
        memcpy(&tests[i].name, row, sizeof tests[i].name);
        tests[i].test_func = check;
        tests[i].initial_state = (void *)(uintptr_t)row;
    }
    return _cmocka_run_group_tests(group, tests, count, NULL, NULL);
}
