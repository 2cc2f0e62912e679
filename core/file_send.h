/* Bytes of a file onto a stream. On the client's thread. */
#ifndef FILE_SEND_H
#define FILE_SEND_H

#include "port_files.h"
#include "stream.h"

/* Sends bytes `offset` to `offset + length` of the file behind what is due: through the buffer where they fit, so
 * that they leave with their head and with other replies, else past it. `*sent` counts them, after a failure too. The
 * stream's error; FAILED: the file could not be read, or became shorter, and what it had was sent. */
int file_send(struct stream *stream, const struct port_file *file, uint64_t offset, uint64_t length, uint64_t *sent);

#endif
