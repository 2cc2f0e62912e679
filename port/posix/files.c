/* POSIX: a folder's files, kept beneath it by Linux's openat2, or by a walk that follows no link.
 *
 * Which of the two is settled when the first root is opened. Any thread; nothing is owned but descriptors. Knows
 * nothing of sockets: programs with another IP stack than the system's have these files too. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bobbin/error.h"
#include "port_files.h"
#include "port_posix.h"

_Static_assert(sizeof(off_t) == 8, "files over 2 GiB need _FILE_OFFSET_BITS=64");

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

/* What <linux/openat2.h> says, which not every C library lets through. */
struct how {
    uint64_t flags, mode, resolve;
};
#define NO_MAGICLINKS 0x02
#define BENEATH       0x08

#define FOLDER     (O_PATH | O_DIRECTORY | O_CLOEXEC)
#define TO_READ    (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define TRIES      64 /* of an open that a rename keeps disturbing */
#define NAME_BYTES 256

static atomic_bool walks; /* the kernel has no openat2, or a filter forbids it */

static int fd_of(const struct port_file *file)
{
    return (int)file->handle;
}

static int open_error(int number, const char *path)
{
    switch (number) {
    case ENAMETOOLONG: /* a name or the whole */
        return strlen(path) >= PATH_MAX ? BOBBIN_TOO_BIG : BOBBIN_NOT_FOUND;
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case EXDEV:  /* leads outside */
    case EINVAL: /* not a name on this file system */
    case EILSEQ:
    case ESTALE:
        return BOBBIN_NOT_FOUND;
    case ENXIO:
    case ENODEV:
        return BOBBIN_DENIED;
    case EAGAIN: /* renames without end, or a lease that its holder has yet to give up */
        return BOBBIN_NO_MEMORY;
    default:
        return port_posix_error(number);
    }
}

static void tell(const struct stat *status, struct port_file_info *info)
{
    info->kind = S_ISREG(status->st_mode) ? PORT_FILE : S_ISDIR(status->st_mode) ? PORT_FOLDER : PORT_NO_FILE;
    info->id = status->st_ino;
    info->size = (uint64_t)status->st_size;
    info->modified = status->st_mtim.tv_sec;
    info->modified_ns = (uint32_t)status->st_mtim.tv_nsec;
}

static bool is_device(const struct stat *status)
{
    return !S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode) && !S_ISLNK(status->st_mode);
}

/* -- opening: a descriptor, or -1 and errno -- */

static int open_beneath(int root, const char *path, int flags)
{
    const struct how how = {.flags = (uint64_t)flags, .resolve = BENEATH | NO_MAGICLINKS};
    long fd = -1;
    for (int left = TRIES; fd < 0 && left > 0; left--) {
        fd = syscall(SYS_openat2, root, path, &how, sizeof how);
        if (fd < 0 && errno != EAGAIN && errno != EINTR)
            break;
    }
    return (int)fd;
}

/* To open a device has effects, so its kind is asked for beforehand, at 0.7 us a file; O_PATH and then /proc/self/fd
 * would leave no moment between, but cost 3.7 us and need /proc. */
static int open_by_system(int root, const char *path)
{
    struct stat status;
    int result = fstatat(root, path, &status, 0); /* may look outside, where nothing is opened */
    if (result != 0 && (errno == ENOENT || errno == ENOTDIR))
        return -1;
    if (result != 0 || !is_device(&status))
        return open_beneath(root, path, TO_READ | O_LARGEFILE); /* which the C library adds to its own calls only */
    int fd = open_beneath(root, path, O_PATH | O_CLOEXEC); /* only to tell whether it is inside */
    if (fd >= 0) {
        close(fd);
        errno = ENXIO;
    }
    return -1;
}

static int open_in(int folder, const char *name, int flags)
{
    struct stat status;
    int fd;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return -1;
    if (is_device(&status)) {
        errno = flags & O_DIRECTORY ? ENOTDIR : ENXIO;
        return -1;
    }
    do
        fd = openat(folder, name, TO_READ | O_NOFOLLOW | flags);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* Cuts the next segment off the path: its length, or -1 where it is none that leads down. */
static int next_segment(const char **path, char *name)
{
    size_t length = strcspn(*path, "/");
    if (length >= NAME_BYTES) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name, *path, length);
    name[length] = '\0';
    *path += length;
    if (length == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        errno = ENOENT;
        return -1;
    }
    return (int)length;
}

static int open_by_walk(int root, const char *path)
{
    char name[NAME_BYTES];
    int folder = root, fd = -1;
    if (*path == '\0')
        return open_in(root, ".", O_DIRECTORY);
    if (strlen(path) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    while (next_segment(&path, name) > 0) {
        if (path[0] == '\0' || path[1] == '\0') {
            fd = open_in(folder, name, *path == '/' ? O_DIRECTORY : 0);
            break;
        }
        path++;
        int below = openat(folder, name, FOLDER | O_NOFOLLOW);
        if (folder != root)
            close(folder); /* keeps errno */
        folder = below;
        if (folder < 0)
            return -1;
    }
    int error = errno;
    if (folder != root)
        close(folder);
    errno = error;
    return fd;
}

int port_root_open(const char *path, struct port_file *root)
{
    int fd = open(path, FOLDER);
    if (fd < 0)
        return errno == ENOTDIR ? BOBBIN_INVALID : open_error(errno, path);
    /* Also where the folder may not be searched this fails. Old filters of containers say EPERM to what they do not
     * know. */
    int within = open_beneath(fd, ".", FOLDER);
    if (within < 0 && (errno == ENOSYS || errno == EPERM)) {
        within = openat(fd, ".", FOLDER);
        if (within >= 0)
            atomic_store_explicit(&walks, true, memory_order_relaxed);
    }
    int error = errno;
    if (within < 0) {
        close(fd);
        return open_error(error, path);
    }
    close(within);
    root->handle = fd;
    return 0;
}

void port_root_close(struct port_file *root)
{
    port_file_close(root);
}

int port_file_open(const struct port_file *root, const char *path, struct port_file *file,
                   struct port_file_info *info)
{
    int fd = -1;
    struct stat status;
    if (atomic_load_explicit(&walks, memory_order_relaxed))
        fd = open_by_walk(fd_of(root), path);
    else
        fd = open_by_system(fd_of(root), *path == '\0' ? "." : path);
    if (fd < 0)
        return open_error(errno, path);
    if (fstat(fd, &status) != 0 || is_device(&status)) { /* one took the file's place just now */
        close(fd);
        return BOBBIN_DENIED;
    }
    tell(&status, info);
    file->handle = fd;
    return 0;
}

void port_file_close(struct port_file *file)
{
    close(fd_of(file));
    file->handle = -1;
}

/* -- reading -- */

int port_file_read(const struct port_file *file, uint64_t offset, void *buffer, size_t size)
{
    size_t got = 0;
    if (size > INT_MAX)
        size = INT_MAX;
    if (offset > (uint64_t)INT64_MAX - size)
        return 0; /* no file is that long */
    while (got < size) {
        ssize_t more = pread(fd_of(file), (char *)buffer + got, size - got, (off_t)(offset + got));
        if (more == 0)
            break;
        if (more < 0 && errno != EINTR)
            return BOBBIN_FAILED;
        if (more > 0)
            got += (size_t)more;
    }
    return (int)got;
}

/* What getdents64 writes. readdir would allocate. */
struct entry {
    uint64_t id;
    int64_t next;
    uint16_t length;
    uint8_t type;
    char name[];
};

int port_folder_start(struct port_folder_reader *reader, const struct port_file *folder, void *room, size_t size)
{
    *reader = (struct port_folder_reader){.folder = folder, .room = room, .size = size};
    if (size < PORT_FOLDER_ROOM)
        return BOBBIN_INVALID;
    return lseek(fd_of(folder), 0, SEEK_SET) < 0 ? BOBBIN_FAILED : 0;
}

int port_folder_next(struct port_folder_reader *reader, const char **name)
{
    for (;;) {
        if (reader->at == reader->end) {
            size_t size = reader->size > INT_MAX ? INT_MAX : reader->size;
            long got = syscall(SYS_getdents64, fd_of(reader->folder), reader->room, size);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                return got == 0 || errno == ENOENT ? 0 : BOBBIN_FAILED; /* ENOENT: the folder was removed */
            reader->at = 0;
            reader->end = (size_t)got;
        }
        const struct entry *entry = (const void *)((const char *)reader->room + reader->at);
        reader->at += entry->length;
        if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0) {
            *name = entry->name;
            return 1;
        }
    }
}

int port_folder_look(const struct port_file *folder, const char *name, struct port_file_info *info)
{
    struct stat status;
    if (*name == '\0' || strchr(name, '/') != NULL || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return BOBBIN_NOT_FOUND;
    if (fstatat(fd_of(folder), name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return open_error(errno, name);
    if (S_ISLNK(status.st_mode)) {
        if (atomic_load_explicit(&walks, memory_order_relaxed))
            return BOBBIN_NOT_FOUND;
        int fd = open_beneath(fd_of(folder), name, O_PATH | O_CLOEXEC);
        if (fd < 0)
            return open_error(errno, name);
        int result = fstat(fd, &status);
        close(fd);
        if (result != 0)
            return BOBBIN_FAILED;
    }
    tell(&status, info);
    return 0;
}
