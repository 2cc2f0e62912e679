/* The fake port's files: what the server sees of the tree. */
#include <stdlib.h>
#include <string.h>

#include "bobbin/error.h"
#include "fake_tree.h"
#include "fake_world.h"

#define PIECE_BYTES 4096 /* of a file between two looks at its size */

struct fake_open {
    struct fake_open *next;
    struct fake_node *node;
    bool open, is_root;
};

static struct fake_open *opened;
static size_t open_count;

size_t fake_open_files(void)
{
    fake_lock();
    size_t count = open_count;
    fake_unlock();
    return count;
}

void fake_files_reset(void)
{
    while (opened != NULL) {
        struct fake_open *open = opened;
        opened = open->next;
        free(open);
    }
    open_count = 0;
    fake_tree_reset();
}

static intptr_t open_node(struct fake_node *node, bool is_root)
{
    struct fake_open *open = calloc(1, sizeof *open);

    if (open == NULL)
        fake_give_up("no memory");
    *open = (struct fake_open){.next = opened, .node = node, .open = true, .is_root = is_root};
    opened = open;
    open_count++;
    return (intptr_t)open;
}

static struct fake_open *open_of(const struct port_file *file, bool is_root, const char *misuse)
{
    struct fake_open *open = (struct fake_open *)file->handle;

    if (open == NULL || !open->open || open->is_root != is_root)
        fake_give_up(misuse);
    return open;
}

static void close_file(struct port_file *file, bool is_root, const char *misuse)
{
    fake_lock();
    open_of(file, is_root, misuse)->open = false;
    open_count--;
    file->handle = 0;
    fake_unlock();
}

int port_root_open(const char *path, struct port_file *root)
{
    size_t length = strlen(FAKE_ROOT);
    struct fake_node *node = NULL;

    fake_lock();
    int result = fake_fault(FAKE_ROOT_OPEN);
    if (result == 0 && (strncmp(path, FAKE_ROOT, length) != 0 || (path[length] != '\0' && path[length] != '/')))
        result = BOBBIN_NOT_FOUND;
    if (result == 0)
        result = fake_node_find(fake_root_node(), path + length + (path[length] == '/'), &node);
    if (result == 0 && node->info.kind != PORT_FOLDER)
        result = BOBBIN_INVALID;
    if (result == 0 && node->denied)
        result = BOBBIN_DENIED;
    if (result == 0)
        root->handle = open_node(node, true);
    fake_unlock();
    return result;
}

void port_root_close(struct port_file *root)
{
    close_file(root, true, "port_root_close of a root that is not open");
}

int port_file_open(const struct port_file *root, const char *path, struct port_file *file,
                   struct port_file_info *info)
{
    struct fake_node *node;

    fake_lock();
    struct fake_node *top = open_of(root, true, "port_file_open in a root that is not open")->node;
    int result = fake_fault(FAKE_FILE_OPEN);
    if (result == 0)
        result = fake_node_find(top, path, &node);
    if (result == 0 && (node->denied || node->info.kind == PORT_NO_FILE))
        result = BOBBIN_DENIED;
    if (result == 0) {
        *info = node->info;
        file->handle = open_node(node, false);
    }
    fake_unlock();
    return result;
}

void port_file_close(struct port_file *file)
{
    close_file(file, false, "port_file_close of a file that is not open");
}

static size_t read_node(const struct fake_node *node, uint64_t offset, char *buffer, size_t size)
{
    uint64_t left = offset < node->info.size ? node->info.size - offset : 0;
    size_t length = left < size ? (size_t)left : size;
    size_t filled = offset < node->length ? node->length - (size_t)offset : 0;

    if (filled > length)
        filled = length;
    if (filled > 0)
        memcpy(buffer, node->data + (size_t)offset, filled);
    memset(buffer + filled, 0, length - filled);
    return length;
}

int port_file_read(const struct port_file *file, uint64_t offset, void *buffer, size_t size)
{
    fake_lock();
    const struct fake_node *node = open_of(file, false, "port_file_read of a file that is not open")->node;
    int result = fake_fault(FAKE_FILE_READ);
    if (result == 0)
        result = node->info.kind == PORT_FILE ? (int)read_node(node, offset, buffer, size) : BOBBIN_FAILED;
    fake_unlock();
    return result;
}

static int send_node(struct fake_client *client, const struct fake_node *node, uint64_t offset, uint64_t left,
                     uint64_t deadline, size_t *sent)
{
    char data[PIECE_BYTES];
    size_t room;

    while (left > 0) {
        int error = fake_send_room(client, deadline, &room);
        if (error < 0)
            return error;
        size_t length = left < sizeof data ? (size_t)left : sizeof data;
        length = read_node(node, offset, data, length < room ? length : room);
        if (length == 0)
            return BOBBIN_FAILED;
        fake_send_now(client, data, length, sent);
        offset += length;
        left -= length;
    }
    return BOBBIN_OK;
}

int port_send_file(struct port_socket *socket, const struct port_piece *pieces, size_t count,
                   const struct port_file *file, uint64_t offset, uint64_t length, uint64_t deadline, uint64_t *sent)
{
    size_t out = 0;

    if (count >= PORT_PIECES)
        fake_give_up("port_send_file with PORT_PIECES or more");
    fake_lock();
    struct fake_client *client = fake_open_client(socket, "port_send_file on a socket that is not open");
    const struct fake_node *node = open_of(file, false, "port_send_file of a file that is not open")->node;
    int result = fake_fault(FAKE_SEND_FILE);
    client->sends++;
    for (size_t i = 0; i < count && result == 0; i++)
        result = fake_send_piece(client, &pieces[i], deadline, &out);
    if (result == 0)
        result = send_node(client, node, offset, length, deadline, &out);
    fake_unlock();
    if (sent != NULL)
        *sent = out;
    return result;
}

int port_folder_start(struct port_folder_reader *reader, const struct port_file *folder, void *room, size_t size)
{
    fake_lock();
    const struct fake_node *node = open_of(folder, false, "port_folder_start of a folder that is not open")->node;
    if (size < PORT_FOLDER_ROOM || (uintptr_t)room % _Alignof(uint64_t) != 0)
        fake_give_up("port_folder_start with too little room, or room that is not aligned");
    *reader = (struct port_folder_reader){
        .folder = folder, .room = room, .size = size, .at = (size_t)(uintptr_t)fake_nodes};
    fake_unlock();
    return node->info.kind == PORT_FOLDER ? BOBBIN_OK : BOBBIN_FAILED;
}

int port_folder_next(struct port_folder_reader *reader, const char **name)
{
    fake_lock();
    const struct fake_node *folder = open_of(reader->folder, false, "port_folder_next of a closed folder")->node;
    const struct fake_node *node = (const struct fake_node *)(uintptr_t)reader->at;
    int result = fake_fault(FAKE_FOLDER_NEXT);
    memset(reader->room, '?', reader->size); /* the name before is gone */
    while (result == 0 && node != NULL && (node->parent != folder || node->removed))
        node = node->next;
    if (result == 0 && node != NULL) {
        *name = memcpy(reader->room, node->name, strlen(node->name) + 1);
        reader->at = (size_t)(uintptr_t)node->next;
        result = 1;
    } else if (result == 0) {
        reader->at = 0;
    }
    fake_unlock();
    return result;
}

int port_folder_look(const struct port_file *folder, const char *name, struct port_file_info *info)
{
    struct fake_node *found;

    fake_lock();
    struct fake_node *node = open_of(folder, false, "port_folder_look in a folder that is not open")->node;
    int result = fake_fault(FAKE_FOLDER_LOOK);
    if (result == 0)
        result = *name != '\0' && strchr(name, '/') == NULL ? fake_node_find(node, name, &found) : BOBBIN_NOT_FOUND;
    if (result == 0)
        *info = found->info;
    fake_unlock();
    return result;
}
