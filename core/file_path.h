/* From a request's path to a name below a folder. Pure; any thread. */
#ifndef FILE_PATH_H
#define FILE_PATH_H

#include <stdbool.h>

#include "span.h"

/* `rest` is what "*" matched, in normal form (uri.h) and without its first slash; written to `out` with a NUL behind,
 * which has room for rest.length + 1 bytes; its length. Only "%25" is left to decode. NOT_FOUND for what no file may
 * be asked by: an encoded slash, "//", a slash at the start, "." and ".." as segments, a backslash, control
 * characters (0x01 to 0x1f, 0x7f), bytes that are not UTF-8 as RFC 3629 has it (overlong, surrogates, above
 * U+10FFFF), and a segment that begins with a dot unless `dot_files`. A slash at the end stays; an empty rest is
 * fine. */
int file_path_make(struct bobbin_span rest, bool dot_files, char *out);

/* Whether a name that a folder holds can be asked for in this way, as a segment. */
bool file_path_servable(struct bobbin_span name, bool dot_files);

/* Whether a target's path, as it came, has a ".." segment in any spelling ("%2e."). */
bool file_path_climbs(struct bobbin_span raw);

#endif
