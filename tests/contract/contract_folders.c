/* Folders, entry by entry. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract_files.h"

#define ENTRIES    1000
#define LONG_NAMES 40
#define NAME_MOST  255

/* How often each entry came, whose name ends in a number below `count`. */
static size_t read_all(struct port_folder_reader *reader, unsigned char *seen, size_t count)
{
    const char *name;
    size_t total = 0;
    int got;

    while ((got = port_folder_next(reader, &name)) == 1) {
        size_t length = strlen(name);
        assert_true(length >= 4);
        size_t number = strtoul(name + length - 4, NULL, 10);
        assert_true(number < count);
        seen[number]++;
        total++;
    }
    assert_int_equal(got, 0);
    assert_int_equal(port_folder_next(reader, &name), 0);
    return total;
}

static void check_folder(const char *path, size_t count)
{
    uint64_t room[PORT_FOLDER_ROOM / sizeof(uint64_t) + 1];
    unsigned char seen[ENTRIES] = {0};
    struct port_folder_reader reader;
    struct port_file folder;
    const char *name;

    room[PORT_FOLDER_ROOM / sizeof(uint64_t)] = 0x55;
    contract_open(path, &folder);
    assert_int_equal(port_folder_start(&reader, &folder, room, PORT_FOLDER_ROOM), 0);
    for (size_t i = 0; i < count / 2; i++)
        assert_int_equal(port_folder_next(&reader, &name), 1);
    for (int i = 0; i < 2; i++) { /* anew from the middle, and from the end */
        memset(seen, 0, sizeof seen);
        assert_int_equal(port_folder_start(&reader, &folder, room, PORT_FOLDER_ROOM), 0);
        assert_int_equal(read_all(&reader, seen, count), count);
        for (size_t j = 0; j < count; j++)
            assert_int_equal(seen[j], 1);
    }
    assert_int_equal(room[PORT_FOLDER_ROOM / sizeof(uint64_t)], 0x55);
    port_file_close(&folder);
}

static void every_entry_of_a_folder_comes_once_from_every_start(void **state)
{
    char path[32];

    (void)state;
    for (int i = 0; i < ENTRIES; i++) {
        snprintf(path, sizeof path, "many/entry-%04d", i);
        contract_add(path, "");
    }
    check_folder("many", ENTRIES);
}

static void the_least_room_holds_the_longest_name(void **state)
{
    char path[NAME_MOST + 32] = "long/";

    (void)state;
    memset(path + 5, 'n', NAME_MOST - 4);
    for (int i = 0; i < LONG_NAMES; i++) {
        snprintf(path + 5 + NAME_MOST - 4, 5, "%04d", i);
        contract_add(path, "");
    }
    check_folder("long/", LONG_NAMES);
}

static void an_empty_folder_has_no_entries(void **state)
{
    (void)state;
    check_folder("", 0);
    contract_peer->tree->folder("empty");
    check_folder("empty", 0);
}

static void a_file_is_not_read_as_a_folder(void **state)
{
    uint64_t room[PORT_FOLDER_ROOM / sizeof(uint64_t)];
    struct port_folder_reader reader;
    struct port_file file;
    const char *name;

    (void)state;
    contract_add("file", "x");
    contract_open("file", &file);
    int result = port_folder_start(&reader, &file, room, sizeof room);
    if (result == 0)
        result = port_folder_next(&reader, &name);
    assert_int_equal(result, BOBBIN_FAILED);
    port_file_close(&file);
}

static void look_tells_what_an_entry_is(void **state)
{
    struct port_file_info info, opened;
    struct port_file folder;

    (void)state;
    contract_add("a/file", "12345");
    contract_peer->tree->folder("a/folder");
    contract_peer->tree->special("a/fifo");
    contract_open("a", &folder);
    assert_int_equal(port_folder_look(&folder, "file", &info), 0);
    assert_int_equal(contract_find("a/file", &opened), 0);
    assert_int_equal(info.kind, PORT_FILE);
    assert_true(info.id == opened.id && info.size == 5 && info.modified == opened.modified);
    assert_int_equal(port_folder_look(&folder, "folder", &info), 0);
    assert_int_equal(info.kind, PORT_FOLDER);
    assert_int_equal(port_folder_look(&folder, "fifo", &info), 0);
    assert_int_equal(info.kind, PORT_NO_FILE);
    assert_int_equal(port_folder_look(&folder, "missing", &info), BOBBIN_NOT_FOUND);
    contract_peer->tree->deny("a/file");
    assert_int_equal(port_folder_look(&folder, "file", &info), 0);
    port_file_close(&folder);
}

int contract_run_folders(void)
{
    const struct CMUnitTest tests[] = {
        CONTRACT_FILES_TEST(every_entry_of_a_folder_comes_once_from_every_start),
        CONTRACT_FILES_TEST(the_least_room_holds_the_longest_name),
        CONTRACT_FILES_TEST(an_empty_folder_has_no_entries),
        CONTRACT_FILES_TEST(a_file_is_not_read_as_a_folder),
        CONTRACT_FILES_TEST(look_tells_what_an_entry_is),
    };
    return cmocka_run_group_tests_name("folders", tests, NULL, NULL);
}
