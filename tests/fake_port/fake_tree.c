/* The fake port's tree of files, and the test's side of it. */
#include "fake_tree.h"

#include <stdlib.h>
#include <string.h>

#include "bobbin/error.h"
#include "fake_world.h"

#define NAME_MAX_BYTES 255

struct fake_node *fake_nodes;
static uint64_t next_id;

/* -- the tree -- */

static struct fake_node *make(struct fake_node *parent, const char *name, size_t length, enum port_file_kind kind)
{
    struct fake_node *node = calloc(1, sizeof *node);
    char *copy = calloc(1, length + 1);

    if (node == NULL || copy == NULL)
        fake_give_up("no memory");
    memcpy(copy, name, length);
    *node = (struct fake_node){.next = fake_nodes, .parent = parent, .name = copy};
    node->info = (struct port_file_info){.kind = kind, .id = ++next_id, .modified = fake_world.wall};
    fake_nodes = node;
    return node;
}

struct fake_node *fake_root_node(void)
{
    struct fake_node *node = fake_nodes;

    while (node != NULL && node->next != NULL)
        node = node->next;
    return node != NULL ? node : make(NULL, "", 0, PORT_FOLDER);
}

static struct fake_node *child(const struct fake_node *parent, const char *name, size_t length)
{
    for (struct fake_node *node = fake_nodes; node != NULL; node = node->next) {
        if (node->parent == parent && !node->removed && strlen(node->name) == length &&
            memcmp(node->name, name, length) == 0)
            return node;
    }
    return NULL;
}

int fake_node_find(struct fake_node *from, const char *path, struct fake_node **found)
{
    struct fake_node *node = from;
    size_t total = strlen(path);

    if (path[0] == '/')
        fake_give_up("a path that begins with a slash");
    while (*path != '\0') {
        size_t length = strcspn(path, "/");
        if (length == 0 || (length <= 2 && memcmp(path, "..", length) == 0))
            fake_give_up("a path with an empty segment, \".\" or \"..\"");
        if (node != NULL)
            node = node->info.kind == PORT_FOLDER && length <= NAME_MAX_BYTES ? child(node, path, length) : NULL;
        path += length;
        if (*path == '/' && path[1] == '\0' && node != NULL && node->info.kind != PORT_FOLDER)
            node = NULL;
        path += *path == '/';
    }
    *found = node;
    return total > FAKE_PATH_MAX ? BOBBIN_TOO_BIG : node == NULL ? BOBBIN_NOT_FOUND : BOBBIN_OK;
}

/* Makes the path's folders, and its last segment anew. */
static struct fake_node *put(const char *path, enum port_file_kind kind)
{
    struct fake_node *parent = fake_root_node();

    for (;;) {
        size_t length = strcspn(path, "/");
        struct fake_node *old = child(parent, path, length);
        if (path[length] == '\0') {
            if (old != NULL)
                old->removed = true;
            return make(parent, path, length, kind);
        }
        parent = old != NULL ? old : make(parent, path, length, PORT_FOLDER);
        path += length + 1;
    }
}

static struct fake_node *need(const char *path)
{
    struct fake_node *node;

    if (fake_node_find(fake_root_node(), path, &node) != BOBBIN_OK)
        fake_give_up("the test names a file that is not there");
    return node;
}

/* -- the test's side -- */

void fake_file_add(const char *path, const void *data, size_t length, int64_t modified)
{
    fake_lock();
    struct fake_node *node = put(path, PORT_FILE);
    node->data = malloc(length + 1);
    if (node->data == NULL)
        fake_give_up("no memory");
    if (length > 0)
        memcpy(node->data, data, length);
    node->length = length;
    node->info.size = length;
    node->info.modified = modified;
    fake_unlock();
}

void fake_folder_add(const char *path)
{
    fake_lock();
    put(path, PORT_FOLDER);
    fake_unlock();
}

void fake_special_add(const char *path)
{
    fake_lock();
    put(path, PORT_NO_FILE);
    fake_unlock();
}

void fake_file_resize(const char *path, uint64_t size)
{
    fake_lock();
    struct fake_node *node = need(path);
    node->info.size = size;
    if (node->length > size)
        node->length = (size_t)size;
    fake_changed();
    fake_unlock();
}

void fake_file_touch(const char *path, int64_t modified, uint32_t modified_ns)
{
    fake_lock();
    struct fake_node *node = need(path);
    node->info.modified = modified;
    node->info.modified_ns = modified_ns;
    fake_unlock();
}

void fake_file_deny(const char *path)
{
    fake_lock();
    need(path)->denied = true;
    fake_unlock();
}

void fake_file_remove(const char *path)
{
    fake_lock();
    need(path)->removed = true;
    fake_unlock();
}

void fake_tree_reset(void)
{
    while (fake_nodes != NULL) {
        struct fake_node *node = fake_nodes;
        fake_nodes = node->next;
        free(node->name);
        free(node->data);
        free(node);
    }
    next_id = 0;
}
