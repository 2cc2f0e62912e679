/* The POSIX port's files to test with: a folder under /tmp. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix.h"

#define NOBODY 65534

static char top[] = "/tmp/bobbin-contract-XXXXXX";
static int top_fd;
static uid_t user;

static void must(bool done, const char *what)
{
    if (!done) {
        perror(what);
        abort();
    }
}

static const char *begin(void)
{
    memset(strrchr(top, '-') + 1, 'X', 6);
    must(mkdtemp(top) != NULL && chmod(top, 0755) == 0, "mkdtemp");
    top_fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(top_fd >= 0, top);
    user = geteuid();
    return top;
}

static const char *path(void)
{
    return top;
}

static int remove_it(const char *name, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(name);
}

static void end(void)
{
    setfsuid(user);
    close(top_fd);
    must(nftw(top, remove_it, 64, FTW_DEPTH | FTW_PHYS) == 0, "nftw");
}

/* Makes the folders above the last segment, one below the other: a whole path may be longer than a call takes. The
 * last of them, opened. */
static int open_parent(const char *name, const char **last)
{
    char segment[256];
    int folder = dup(top_fd);

    for (const char *slash; (slash = strchr(name, '/')) != NULL; name = slash + 1) {
        size_t length = (size_t)(slash - name);
        must(length < sizeof segment, "a name that is too long");
        memcpy(segment, name, length);
        segment[length] = '\0';
        must(mkdirat(folder, segment, 0755) == 0 || errno == EEXIST, segment);
        int below = openat(folder, segment, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        must(below >= 0, segment);
        close(folder);
        folder = below;
    }
    *last = name;
    return folder;
}

static void add(const char *name, const void *data, size_t length, int64_t modified)
{
    const char *last;
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = (time_t)modified}};
    int folder = open_parent(name, &last);
    int fd = openat(folder, ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    must(fd >= 0, name);
    must(write(fd, data, length) == (ssize_t)length && futimens(fd, times) == 0, name);
    close(fd);
    must(renameat(folder, ".new", folder, last) == 0, name);
    close(folder);
}

static void add_folder(const char *name)
{
    const char *last;
    int folder = open_parent(name, &last);
    must(mkdirat(folder, last, 0755) == 0, name);
    close(folder);
}

static void add_special(const char *name)
{
    const char *last;
    int folder = open_parent(name, &last);
    must(mkfifoat(folder, last, 0644) == 0, name);
    close(folder);
}

static void resize(const char *name, uint64_t size)
{
    int fd = openat(top_fd, name, O_WRONLY | O_CLOEXEC);
    must(fd >= 0 && ftruncate(fd, (off_t)size) == 0, name);
    close(fd);
}

/* For this thread and until the test ends root has no more rights to files than others. */
static void deny(const char *name)
{
    must(fchmodat(top_fd, name, 0, 0) == 0, name);
    if (user == 0)
        setfsuid(NOBODY);
}

const struct contract_tree posix_tree = {
    .begin = begin,
    .path = path,
    .end = end,
    .add = add,
    .folder = add_folder,
    .special = add_special,
    .resize = resize,
    .deny = deny,
};
