/* What the other side of ports on hosts is made of. */
#ifndef POSIX_H
#define POSIX_H

#include "contract.h"

extern const struct contract_tree posix_tree;

/* For struct contract_peer, where threads are the system's. */
void posix_settle(void);

/* From now on the kernel has neither openat2 nor sendfile; false where that cannot be had. */
bool posix_become_old(void);
/* From now on openat2 is forbidden, as old filters of containers forbid what they do not know. */
bool posix_become_contained(void);

/* Whether the kernel keeps a path beneath a folder by itself. */
bool posix_has_openat2(void);

/* What only files of a real system can show. */
int contract_run_posix(void);

#endif
