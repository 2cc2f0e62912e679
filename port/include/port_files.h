/* The contract of ports that have files: folders that are served, and files sent from them.
 *
 * As port.h: results are a count >= 0 or a negative enum bobbin_error, errno and EINTR end inside. A port without
 * files leaves these out; then only who serves files (bobbin/files.h) cannot be linked. None of them keeps memory,
 * and none waits for anything but the disk, save port_send_file. tests/contract holds each to these words. */
#ifndef PORT_FILES_H
#define PORT_FILES_H

#include "port.h"

enum port_file_kind { PORT_FILE, PORT_FOLDER, PORT_NO_FILE };

struct port_file {
    intptr_t handle;
};

/* What the system tells of a file; together id, size and modified change when the content does. */
struct port_file_info {
    enum port_file_kind kind; /* PORT_NO_FILE: a device, a FIFO, a socket: never opened for reading */
    uint64_t id;              /* tells it from all others of its file system */
    uint64_t size;            /* bytes */
    int64_t modified;         /* seconds since 1970-01-01 UTC, below 0 before it */
    uint32_t modified_ns;     /* 0 to 999,999,999 */
};

/* The folder whose files are to be served; `path` as the system writes it. Any number of threads may use it until
 * port_root_close. NOT_FOUND; DENIED; INVALID: not a folder. */
int port_root_open(const char *path, struct port_file *root);
void port_root_close(struct port_file *root);

/* Opens what `path` names inside the root, to be read: segments with single slashes between them, none of them empty,
 * "." or ".."; "" is the root itself; at most one slash at the end, and then only a folder is found. Whatever the
 * path and however the tree changes meanwhile, nothing outside the root is opened. Nothing but files and folders is
 * opened for reading, and no FIFO blocks; one exception: a device or FIFO that takes a file's place in the very
 * moment of the call may be opened, without waiting, and is closed unread. Where the system can keep a path beneath
 * the root by itself, symbolic links that stay inside are followed; else no link is. NOT_FOUND, also for what leads
 * outside, for links not followed, for a file taken as a folder, and for a name longer than the system takes; DENIED:
 * no permission, or PORT_NO_FILE; TOO_BIG: the whole is longer than the system takes; NO_FILES; NO_MEMORY, also where
 * somebody keeps a file to himself for a moment. */
int port_file_open(const struct port_file *root, const char *path, struct port_file *file,
                   struct port_file_info *info);
void port_file_close(struct port_file *file);

/* Bytes from `offset` on: the count, which is less than `size` only at the file's end; 0 there. */
int port_file_read(const struct port_file *file, uint64_t offset, void *buffer, size_t size);

/* Sends all pieces (count < PORT_PIECES) and then `length` bytes of the file from `offset` on. `*sent` as of
 * port_send: bytes of both together. FAILED: the file could not be read, or ends before; what it had was sent then,
 * nothing in its place. Only on threads of port_thread_start. */
int port_send_file(struct port_socket *socket, const struct port_piece *pieces, size_t count,
                   const struct port_file *file, uint64_t offset, uint64_t length, uint64_t deadline, uint64_t *sent);

/* Reading a folder: `room` is the caller's, at least PORT_FOLDER_ROOM bytes, aligned for uint64_t; entries point into
 * it until the next call. One reader at a time for each opened folder. */
#define PORT_FOLDER_ROOM 288

struct port_folder_reader {
    const struct port_file *folder;
    void *room;
    size_t size;
    size_t at, end; /* of what the room holds; the port's */
};

/* Starts from the first entry, also anew. */
int port_folder_start(struct port_folder_reader *reader, const struct port_file *folder, void *room, size_t size);

/* The name of the next entry, NUL-terminated, in the system's order; "." and ".." are left out. 1; 0 at the end. */
int port_folder_next(struct port_folder_reader *reader, const char **name);

/* What stands under an entry's name, a single segment, as port_file_open would find it; but it is not opened to be
 * read, and permission to do so is not asked for. A link that leads out of the folder is not found, though it may
 * stay inside the root. NOT_FOUND, DENIED, NO_FILES, NO_MEMORY; PORT_NO_FILE is no error. */
int port_folder_look(const struct port_file *folder, const char *name, struct port_file_info *info);

#endif
