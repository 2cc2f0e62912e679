/* What the suite's files about files share. */
#ifndef CONTRACT_FILES_H
#define CONTRACT_FILES_H

#include "contract.h"
#include "port_files.h"

extern struct port_file contract_root; /* the tree's, opened for each test */

int contract_files_setup(void **state);
int contract_files_teardown(void **state);

#define CONTRACT_FILES_TEST(test) cmocka_unit_test_setup_teardown(test, contract_files_setup, contract_files_teardown)

void contract_add(const char *path, const char *text);
int contract_find(const char *path, struct port_file_info *info); /* opens and closes */
void contract_open(const char *path, struct port_file *file);

#endif
