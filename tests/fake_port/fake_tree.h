/* The fake port's files, between the test's side and the port's. All with the lock held. */
#ifndef FAKE_TREE_H
#define FAKE_TREE_H

#include <stdbool.h>

#include "port_files.h"

/* Lives until fake_reset: who has it open keeps it. */
struct fake_node {
    struct fake_node *next, *parent; /* the root's parent is NULL */
    char *name;
    char *data; /* what lies behind it, up to the size, is zeros */
    size_t length;
    struct port_file_info info;
    bool denied, removed;
};

extern struct fake_node *fake_nodes; /* the newest first, the root last */

struct fake_node *fake_root_node(void);

/* The node at the path below a folder, or an error; a path that the contract does not know ends the test. */
int fake_node_find(struct fake_node *from, const char *path, struct fake_node **found);

void fake_tree_reset(void);

#endif
