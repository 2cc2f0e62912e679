/* Files, as port_files.h has them: finding and reading. */
#include "contract_files.h"

#include <stdio.h>
#include <string.h>

#define NAME_MOST 255
#define FAR       ((uint64_t)5 << 30) /* more than 32 bits hold */

struct port_file contract_root;

int contract_files_setup(void **state)
{
    contract_setup(state);
    return port_root_open(contract_peer->tree->begin(), &contract_root);
}

int contract_files_teardown(void **state)
{
    port_root_close(&contract_root);
    contract_peer->tree->end();
    return contract_teardown(state);
}

void contract_add(const char *path, const char *text)
{
    contract_peer->tree->add(path, text, strlen(text), 1000000000);
}

int contract_find(const char *path, struct port_file_info *info)
{
    struct port_file file;
    int result = port_file_open(&contract_root, path, &file, info);

    if (result == 0)
        port_file_close(&file);
    return result;
}

void contract_open(const char *path, struct port_file *file)
{
    struct port_file_info info;
    assert_int_equal(port_file_open(&contract_root, path, file, &info), 0);
}

/* -- finding -- */

static void a_root_is_a_folder_that_is_there(void **state)
{
    struct port_file root;
    char path[300];

    (void)state;
    contract_add("file", "x");
    snprintf(path, sizeof path, "%s/missing", contract_peer->tree->path());
    assert_int_equal(port_root_open(path, &root), BOBBIN_NOT_FOUND);
    snprintf(path, sizeof path, "%s/file", contract_peer->tree->path());
    assert_int_equal(port_root_open(path, &root), BOBBIN_INVALID);
}

static void open_tells_of_files_and_folders(void **state)
{
    struct port_file_info one, two, folder, root;

    (void)state;
    contract_peer->tree->add("a/b/c.txt", "hello", 5, 2200000000); /* past 2038 */
    contract_peer->tree->add("old", "", 0, -5);
    assert_int_equal(contract_find("a/b/c.txt", &one), 0);
    assert_int_equal(one.kind, PORT_FILE);
    assert_int_equal(one.size, 5);
    assert_true(one.modified == 2200000000);
    assert_true(one.modified_ns < 1000000000);
    assert_int_equal(contract_find("old", &two), 0);
    assert_int_equal(two.size, 0);
    assert_true(two.modified == -5);
    assert_true(one.id != two.id);
    assert_int_equal(contract_find("a/b", &folder), 0);
    assert_int_equal(folder.kind, PORT_FOLDER);
    assert_int_equal(contract_find("", &root), 0);
    assert_int_equal(root.kind, PORT_FOLDER);
    assert_true(root.id != folder.id);
}

static void what_is_missing_is_not_found(void **state)
{
    struct port_file_info info;

    (void)state;
    contract_add("a/file", "x");
    assert_int_equal(contract_find("b", &info), BOBBIN_NOT_FOUND);
    assert_int_equal(contract_find("b/file", &info), BOBBIN_NOT_FOUND);
    assert_int_equal(contract_find("a/fil", &info), BOBBIN_NOT_FOUND);
    assert_int_equal(contract_find("a/file2", &info), BOBBIN_NOT_FOUND);
}

static void a_slash_at_the_end_finds_folders_only(void **state)
{
    struct port_file_info info;

    (void)state;
    contract_add("a/b/file", "x");
    assert_int_equal(contract_find("a/", &info), 0);
    assert_int_equal(info.kind, PORT_FOLDER);
    assert_int_equal(contract_find("a/b/", &info), 0);
    assert_int_equal(info.kind, PORT_FOLDER);
    assert_int_equal(contract_find("a/b/file/", &info), BOBBIN_NOT_FOUND);
    assert_int_equal(contract_find("c/", &info), BOBBIN_NOT_FOUND);
}

static void a_file_taken_as_a_folder_is_not_found(void **state)
{
    struct port_file_info info;

    (void)state;
    contract_add("a/file", "x");
    assert_int_equal(contract_find("a/file/x", &info), BOBBIN_NOT_FOUND);
    assert_int_equal(contract_find("a/file/x/y", &info), BOBBIN_NOT_FOUND);
}

static void names_may_have_255_bytes_and_no_more(void **state)
{
    struct port_file_info info;
    char name[2 * NAME_MOST + 8];

    (void)state;
    memset(name, 'n', NAME_MOST);
    snprintf(name + NAME_MOST, sizeof name - NAME_MOST, "/x");
    contract_add(name, "x");
    assert_int_equal(contract_find(name, &info), 0);
    memset(name, 'n', NAME_MOST + 1);
    name[NAME_MOST + 1] = '\0';
    assert_int_equal(contract_find(name, &info), BOBBIN_NOT_FOUND);
    snprintf(name + NAME_MOST + 1, sizeof name - NAME_MOST - 1, "/x");
    assert_int_equal(contract_find(name, &info), BOBBIN_NOT_FOUND);
}

static void paths_are_as_deep_as_the_system_takes(void **state)
{
    static const char folder[] = "a-name-of-some-length-so-that-there-are-not-too-many-folders";
    struct port_file_info info;
    char path[8192];
    size_t length = 0;

    (void)state;
    while (length < 2000)
        length += (size_t)snprintf(path + length, sizeof path - length, "%s/", folder);
    snprintf(path + length, sizeof path - length, "file");
    contract_add(path, "deep");
    assert_int_equal(contract_find(path, &info), 0);
    assert_int_equal(info.size, 4);
    while (length < 8000)
        length += (size_t)snprintf(path + length, sizeof path - length, "%s/", folder);
    assert_int_equal(contract_find(path, &info), BOBBIN_TOO_BIG);
}

static void what_is_neither_file_nor_folder_is_denied_at_once(void **state)
{
    struct port_file_info info;

    (void)state;
    contract_peer->tree->special("a/fifo");
    assert_int_equal(contract_find("a/fifo", &info), BOBBIN_DENIED);
    assert_int_equal(contract_find("a/fifo/", &info), BOBBIN_NOT_FOUND);
    assert_int_equal(contract_find("a/fifo/x", &info), BOBBIN_NOT_FOUND);
}

static void what_may_not_be_read_is_denied(void **state)
{
    struct port_file_info info;

    (void)state;
    contract_add("secret", "x");
    contract_add("a/open", "x");
    contract_peer->tree->deny("secret");
    assert_int_equal(contract_find("secret", &info), BOBBIN_DENIED);
    assert_int_equal(contract_find("a/open", &info), 0);
}

static void without_descriptors_nothing_opens_until_there_are_some(void **state)
{
    struct port_file_info info;

    (void)state;
    contract_add("a/file", "x");
    contract_peer->no_files(true);
    int result = contract_find("a/file", &info);
    contract_peer->no_files(false);
    assert_int_equal(result, BOBBIN_NO_FILES);
    assert_int_equal(contract_find("a/file", &info), 0);
}

/* -- reading -- */

static void read_gives_all_that_there_is_from_an_offset_on(void **state)
{
    struct port_file file;
    char buffer[16] = "";

    (void)state;
    contract_add("file", "0123456789");
    contract_open("file", &file);
    assert_int_equal(port_file_read(&file, 0, buffer, 4), 4);
    assert_memory_equal(buffer, "0123\0", 5);
    assert_int_equal(port_file_read(&file, 7, buffer, sizeof buffer), 3);
    assert_memory_equal(buffer, "789", 3);
    assert_int_equal(port_file_read(&file, 10, buffer, sizeof buffer), 0);
    assert_int_equal(port_file_read(&file, 11, buffer, sizeof buffer), 0);
    assert_int_equal(port_file_read(&file, UINT64_MAX, buffer, sizeof buffer), 0);
    assert_int_equal(port_file_read(&file, 0, buffer, 0), 0);
    port_file_close(&file);
}

static void sizes_and_offsets_have_64_bits(void **state)
{
    struct port_file_info info;
    struct port_file file;
    char buffer[16] = "????";

    (void)state;
    contract_add("far", "near");
    contract_peer->tree->resize("far", FAR + 3);
    assert_int_equal(contract_find("far", &info), 0);
    assert_true(info.size == FAR + 3);
    contract_open("far", &file);
    assert_int_equal(port_file_read(&file, FAR, buffer, sizeof buffer), 3);
    assert_memory_equal(buffer, "\0\0\0?", 4);
    assert_int_equal(port_file_read(&file, 0, buffer, 5), 5);
    assert_memory_equal(buffer, "near\0", 5);
    port_file_close(&file);
}

static void who_has_a_file_open_keeps_it_when_another_takes_its_place(void **state)
{
    struct port_file_info before, after;
    struct port_file file;
    char buffer[4];

    (void)state;
    contract_add("file", "old");
    contract_open("file", &file);
    assert_int_equal(contract_find("file", &before), 0);
    contract_add("file", "new");
    assert_int_equal(contract_find("file", &after), 0);
    assert_true(before.id != after.id);
    assert_int_equal(port_file_read(&file, 0, buffer, sizeof buffer), 3);
    assert_memory_equal(buffer, "old", 3);
    port_file_close(&file);
}

static void reading_a_folder_as_a_file_fails(void **state)
{
    struct port_file folder;
    char byte;

    (void)state;
    contract_open("", &folder);
    assert_int_equal(port_file_read(&folder, 0, &byte, 1), BOBBIN_FAILED);
    port_file_close(&folder);
}

int contract_run_files(void)
{
    const struct CMUnitTest tests[] = {
        CONTRACT_FILES_TEST(a_root_is_a_folder_that_is_there),
        CONTRACT_FILES_TEST(open_tells_of_files_and_folders),
        CONTRACT_FILES_TEST(what_is_missing_is_not_found),
        CONTRACT_FILES_TEST(a_slash_at_the_end_finds_folders_only),
        CONTRACT_FILES_TEST(a_file_taken_as_a_folder_is_not_found),
        CONTRACT_FILES_TEST(names_may_have_255_bytes_and_no_more),
        CONTRACT_FILES_TEST(paths_are_as_deep_as_the_system_takes),
        CONTRACT_FILES_TEST(what_is_neither_file_nor_folder_is_denied_at_once),
        CONTRACT_FILES_TEST(what_may_not_be_read_is_denied),
        CONTRACT_FILES_TEST(without_descriptors_nothing_opens_until_there_are_some),
        CONTRACT_FILES_TEST(read_gives_all_that_there_is_from_an_offset_on),
        CONTRACT_FILES_TEST(sizes_and_offsets_have_64_bits),
        CONTRACT_FILES_TEST(who_has_a_file_open_keeps_it_when_another_takes_its_place),
        CONTRACT_FILES_TEST(reading_a_folder_as_a_file_fails),
    };
    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
