/* Request targets, paths and form values (RFC 3986 §2.1, §5.2.4; RFC 9110 §7.1). Pure; any thread. */
#ifndef URI_H
#define URI_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

/* host[":" port] with a host that is not empty (RFC 3986 §3.2.2; no userinfo, RFC 9110 §4.2.4). */
bool uri_is_authority(struct bobbin_span text);

/* Bytes of a path and query that may stand in a target: RFC 3986, and what browsers leave as it is
 * (WHATWG URL, query and path percent-encode sets): | [ ] everywhere, ^ ` { } \ in a query. */
bool uri_is_target(struct bobbin_span text);

/* Whether the path is in the normal form already: nothing to decode, no dot segments. */
bool uri_path_is_normal(struct bobbin_span path);

/* The normal form: percent-decoded once, without dot segments (".." above the root stays at the root), "%2F" and
 * "%25" kept, as those. Written to `out`, which has room for path.length bytes. Its length; or MALFORMED: a bad
 * escape, "%00". */
int uri_normalize(struct bobbin_span path, char *out);

/* Decodes percent escapes, and "+" as a space where `form`, and adds a NUL. Its length; TOO_BIG; MALFORMED. */
int uri_decode(struct bobbin_span text, bool form, char *out, size_t size);

#endif
