/* What only files of a real system can show: links, devices, a tree that changes, signals. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "contract_files.h"
#include "posix.h"

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif

#define EACH_OUTCOME 2000

static void link_to(const char *target, const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", contract_peer->tree->path(), name);
    assert_int_equal(symlink(target, path), 0);
}

static int found(const char *path)
{
    struct port_file_info info;
    return contract_find(path, &info);
}

static void links_that_stay_inside_are_followed_by_new_systems_only(void **state)
{
    int followed = posix_has_openat2() ? 0 : BOBBIN_NOT_FOUND;

    (void)state;
    contract_add("a/file", "x");
    contract_add("b/c/d", "x");
    link_to("a/file", "file");
    link_to("a", "folder");
    link_to("../../a", "b/c/up");
    link_to("folder", "twice");
    assert_int_equal(found("file"), followed);
    assert_int_equal(found("folder"), followed);
    assert_int_equal(found("folder/"), followed);
    assert_int_equal(found("folder/file"), followed);
    assert_int_equal(found("b/c/up/file"), followed);
    assert_int_equal(found("twice/file"), followed);
    assert_int_equal(found("file/"), BOBBIN_NOT_FOUND);
}

static void links_that_lead_outside_are_not_found(void **state)
{
    char path[300], base[64];

    (void)state;
    contract_add("a/file", "x");
    link_to("/etc/passwd", "absolute");
    link_to("../../../../../../../../etc/passwd", "a/up");
    link_to("/", "top");
    link_to("..", "parent");
    snprintf(path, sizeof path, "%s/a/file", contract_peer->tree->path());
    link_to(path, "absolute-inside");
    snprintf(base, sizeof base, "../%s/a/file", strrchr(contract_peer->tree->path(), '/') + 1);
    link_to(base, "out-and-in");
    link_to("/dev/null", "device");
    link_to("/dev", "devices");
    static const char *const paths[] = {"absolute",   "a/up",   "top",          "top/etc/passwd",
                                        "top/",       "parent", "parent/",      "absolute-inside",
                                        "out-and-in", "device", "devices/null", "devices"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_int_equal(found(paths[i]), BOBBIN_NOT_FOUND);
}

static void links_without_end_or_target_are_not_found(void **state)
{
    (void)state;
    link_to("loop", "loop");
    link_to("b", "a");
    link_to("a", "b");
    link_to("nowhere", "dangling");
    static const char *const paths[] = {"loop", "loop/", "loop/x", "a", "b/x", "dangling", "dangling/x"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_int_equal(found(paths[i]), BOBBIN_NOT_FOUND);
}

static void magic_links_are_not_followed(void **state)
{
    struct port_file root, file;
    struct port_file_info info;
    static const char *const paths[] = {"root", "root/etc/passwd", "cwd", "exe", "fd/0", "task/../root"};

    (void)state;
    assert_int_equal(port_root_open("/proc/self", &root), 0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_int_equal(port_file_open(&root, paths[i], &file, &info), BOBBIN_NOT_FOUND);
    port_root_close(&root);
}

/* No caller gives such paths; nothing outside is opened all the same. */
static void paths_that_climb_lead_nowhere(void **state)
{
    char path[300];

    (void)state;
    contract_add("a/file", "x");
    snprintf(path, sizeof path, "../%s/a/file", strrchr(contract_peer->tree->path(), '/') + 1);
    assert_int_equal(found(path), BOBBIN_NOT_FOUND);
    snprintf(path, sizeof path, "%s/a/file", contract_peer->tree->path());
    assert_int_equal(found(path), BOBBIN_NOT_FOUND);
    static const char *const paths[] = {"..", "../", "a/../..", "a/../../", "/", "/etc/passwd", "//etc/passwd"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_int_equal(found(paths[i]), BOBBIN_NOT_FOUND);
}

static void look_follows_links_as_far_as_the_folder_reaches(void **state)
{
    struct port_file_info info;
    struct port_file folder;
    bool follows = posix_has_openat2();

    (void)state;
    contract_add("a/b/file", "12345");
    contract_add("file", "x");
    link_to("b/file", "a/inside");
    link_to("b", "a/folder");
    link_to("../file", "a/above");
    link_to("/etc/passwd", "a/outside");
    link_to("loop", "a/loop");
    contract_open("a", &folder);
    assert_int_equal(port_folder_look(&folder, "inside", &info), follows ? 0 : BOBBIN_NOT_FOUND);
    assert_true(!follows || (info.kind == PORT_FILE && info.size == 5));
    assert_int_equal(port_folder_look(&folder, "folder", &info), follows ? 0 : BOBBIN_NOT_FOUND);
    assert_true(!follows || info.kind == PORT_FOLDER);
    static const char *const names[] = {"above", "outside", "loop", "..", ".", "", "b/file", "../file"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(port_folder_look(&folder, names[i], &info), BOBBIN_NOT_FOUND);
    port_file_close(&folder);
}

static void devices_and_sockets_are_denied(void **state)
{
    struct port_file root, file;
    struct port_file_info info;
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    (void)state;
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", contract_peer->tree->path());
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(found("socket"), BOBBIN_DENIED);
    close(fd);
    assert_int_equal(port_root_open("/dev", &root), 0);
    assert_int_equal(port_file_open(&root, "null", &file, &info), BOBBIN_DENIED);
    assert_int_equal(port_file_open(&root, "zero", &file, &info), BOBBIN_DENIED);
    port_root_close(&root);
}

/* What stands in the folder is watched: who opens it, even for a moment, is seen. */
static void what_is_no_file_is_not_even_opened(void **state)
{
    char events[512], path[300];

    (void)state;
    contract_peer->tree->special("a/fifo");
    contract_add("a/file", "x");
    snprintf(path, sizeof path, "%s/a", contract_peer->tree->path());
    int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    assert_true(watch >= 0);
    assert_true(inotify_add_watch(watch, path, IN_OPEN) >= 0);
    assert_int_equal(found("a/fifo"), BOBBIN_DENIED);
    assert_true(read(watch, events, sizeof events) < 0 && errno == EAGAIN);
    assert_int_equal(found("a/file"), 0);
    assert_true(read(watch, events, sizeof events) > 0);
    close(watch);
}

static void a_folder_that_may_not_be_searched_is_no_root(void **state)
{
    struct port_file root;
    char path[300];

    (void)state;
    contract_peer->tree->folder("closed");
    contract_peer->tree->deny("closed");
    snprintf(path, sizeof path, "%s/closed", contract_peer->tree->path());
    assert_int_equal(port_root_open(path, &root), BOBBIN_DENIED);
    assert_int_equal(port_root_open("", &root), BOBBIN_NOT_FOUND);
}

/* -- a tree that changes -- */

struct swapper {
    struct contract_worker worker; /* first: what a worker is started with */
    int folder;
    atomic_bool stop;
};

static void swap(void *argument)
{
    struct swapper *swapper = argument;
    while (!atomic_load(&swapper->stop))
        syscall(SYS_renameat2, swapper->folder, "a", swapper->folder, "b", RENAME_EXCHANGE);
}

/* `outside` is put in a folder's place and taken away again while what is in the folder is opened. */
static void check_swapped(const char *outside, const char *path)
{
    struct swapper swapper = {.folder = open(contract_peer->tree->path(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    struct port_file_info info;
    struct port_file file;
    unsigned inside = 0, refused = 0, wrong = 0;
    char text[8];

    contract_add("a/file", "inside");
    link_to(outside, "b");
    if (syscall(SYS_renameat2, swapper.folder, "a", swapper.folder, "b", RENAME_EXCHANGE) != 0) {
        close(swapper.folder);
        print_message("This file system exchanges no names.\n");
        skip();
    }
    contract_start(&swapper.worker, swap);
    while ((inside < EACH_OUTCOME || refused < EACH_OUTCOME) && wrong == 0) {
        int result = port_file_open(&contract_root, path, &file, &info);
        if (result == 0) {
            inside++;
            wrong += port_file_read(&file, 0, text, sizeof text) != 6 || memcmp(text, "inside", 6) != 0;
            port_file_close(&file);
        } else {
            refused++;
            wrong += result != BOBBIN_NOT_FOUND && result != BOBBIN_NO_MEMORY;
        }
    }
    atomic_store(&swapper.stop, true);
    contract_join(&swapper.worker);
    close(swapper.folder);
    assert_int_equal(wrong, 0);
}

static void a_folder_swapped_for_a_link_never_leads_outside(void **state)
{
    char outside[] = "/tmp/bobbin-outside-XXXXXX", file[64];

    (void)state;
    assert_non_null(mkdtemp(outside));
    snprintf(file, sizeof file, "%s/file", outside);
    int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ssize_t written = write(fd, "outside", 7);
    close(fd);
    if (written == 7)
        check_swapped(outside, "a/file");
    unlink(file);
    rmdir(outside);
    assert_int_equal(written, 7);
}

/* -- sending -- */

static volatile sig_atomic_t signals;

static void note_signal(int number)
{
    (void)number;
    signals++;
}

struct sending {
    struct contract_worker worker; /* first: what a worker is started with */
    struct port_file file;
    uint64_t length;
};

static void send_file(void *argument)
{
    struct sending *sending = argument;
    sending->worker.result = port_send_file(sending->worker.socket, NULL, 0, &sending->file, 0, sending->length,
                                            sending->worker.deadline, NULL);
}

static void check_send(struct sending *sending, uint64_t deadline, int wanted)
{
    sending->worker.deadline = deadline;
    contract_start(&sending->worker, send_file);
    contract_join(&sending->worker);
    assert_int_equal(sending->worker.result, wanted);
    assert_int_equal(fcntl((int)sending->worker.socket->handle, F_GETFL) & O_NONBLOCK, 0);
}

static void sending_a_file_raises_no_signal_and_leaves_the_socket_blocking(void **state)
{
    struct sigaction action, before;
    struct contract_pair pair;
    struct sending sending = {.worker.socket = &pair.server, .length = 1};

    (void)state;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_signal;
    sigemptyset(&action.sa_mask);
    signals = 0;
    sigaction(SIGPIPE, &action, &before);
    contract_add("file", "x");
    contract_peer->tree->resize("file", (uint64_t)1 << 32);
    contract_open("file", &sending.file);
    contract_pair_open(&pair);
    check_send(&sending, PORT_NEVER, 0);
    sending.length = (uint64_t)1 << 32;
    check_send(&sending, port_clock_ms() + CONTRACT_SHORT_MS, BOBBIN_TIMEOUT);
    contract_peer->reset(pair.client);
    check_send(&sending, PORT_NEVER, BOBBIN_CLOSED);
    check_send(&sending, PORT_NEVER, BOBBIN_CLOSED);
    assert_int_equal(signals, 0);
    sigaction(SIGPIPE, &before, NULL);
    port_file_close(&sending.file);
    contract_pair_close(&pair);
}

int contract_run_posix(void)
{
    const struct CMUnitTest tests[] = {
        CONTRACT_FILES_TEST(links_that_stay_inside_are_followed_by_new_systems_only),
        CONTRACT_FILES_TEST(links_that_lead_outside_are_not_found),
        CONTRACT_FILES_TEST(links_without_end_or_target_are_not_found),
        CONTRACT_FILES_TEST(magic_links_are_not_followed),
        CONTRACT_FILES_TEST(paths_that_climb_lead_nowhere),
        CONTRACT_FILES_TEST(look_follows_links_as_far_as_the_folder_reaches),
        CONTRACT_FILES_TEST(devices_and_sockets_are_denied),
        CONTRACT_FILES_TEST(what_is_no_file_is_not_even_opened),
        CONTRACT_FILES_TEST(a_folder_that_may_not_be_searched_is_no_root),
        CONTRACT_FILES_TEST(a_folder_swapped_for_a_link_never_leads_outside),
        CONTRACT_FILES_TEST(sending_a_file_raises_no_signal_and_leaves_the_socket_blocking),
    };
    return cmocka_run_group_tests_name("posix", tests, NULL, NULL);
}
