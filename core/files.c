/* Files from a folder: from a request's path to an opened file and what is told of it. On the client's thread. */
#include "bobbin/files.h"

#include <string.h>

#include "client.h"
#include "file_path.h"
#include "file_send.h"
#include "listing.h"
#include "media_type.h"
#include "port_files.h"
#include "route.h"

static const char index_name[] = "index.html";

#define ROOM_BEHIND (sizeof "/index.html" - 1 + sizeof ".br") /* for what is put behind a path, with a NUL */
#define ETAG_MAX    (sizeof "\"--\"" + 16 + 16 + 16 + 9)

int bobbin_files_open(struct bobbin_files *files, const char *folder)
{
    struct port_file root;
    if (!media_type_in_order(files->types, files->type_count))
        return BOBBIN_INVALID;
    int error = port_root_open(folder, &root);
    if (error < 0)
        return error;
    files->root = root.handle;
    return BOBBIN_OK;
}

void bobbin_files_close(struct bobbin_files *files)
{
    struct port_file root = {files->root};
    port_root_close(&root);
}

/* -- one file -- */

static char *add_hex(char *to, uint64_t value)
{
    unsigned shift = 60;
    while (shift > 0 && value >> shift == 0)
        shift -= 4;
    for (;; shift -= 4) {
        *to++ = "0123456789abcdef"[(value >> shift) & 15];
        if (shift == 0)
            return to;
    }
}

/* Changes with the content, as far as the system tells: a strong one (RFC 9110 §8.8.3). */
static void make_etag(const struct port_file_info *info, char *out)
{
    *out++ = '"';
    out = add_hex(out, info->id);
    *out++ = '-';
    out = add_hex(out, info->size);
    *out++ = '-';
    out = add_hex(out, (uint64_t)info->modified);
    out = add_hex(out, info->modified_ns | (uint64_t)1 << 32); /* all its digits, and a 1 before them */
    *out++ = '"';
    *out = '\0';
}

static int write_file(struct bobbin_exchange *x, const struct bobbin_content *content, uint64_t offset,
                      uint64_t length)
{
    return file_send(&x->client->stream, content->source, offset, length, &x->written);
}

static const char *type_of(const struct bobbin_files *files, struct bobbin_span path)
{
    const char *type = media_type_find(files->types, files->type_count, media_type_extension(path));
    return type == NULL ? bobbin_media_type(path) : type;
}

static int send_file(struct bobbin_exchange *x, const struct bobbin_content *like, struct port_file *file,
                     const struct port_file_info *info)
{
    char etag[ETAG_MAX];
    struct bobbin_content content = *like;
    make_etag(info, etag);
    content.etag = etag;
    content.modified = info->modified;
    content.length = info->size;
    content.varies = true;
    content.write = write_file;
    content.source = file;
    return bobbin_reply_content(x, &content);
}

/* Puts the file's compressed sibling in its place, where there is one that the client takes as gladly; its coding. */
static const char *prefer_sibling(const struct bobbin_exchange *x, const struct port_file *root, char *path,
                                  size_t length, struct port_file *file, struct port_file_info *info)
{
    static const struct {
        const char *coding, *suffix;
    } siblings[] = {{"br", ".br"}, {"gzip", ".gz"}};
    int weights[2], least = bobbin_accepts_encoding(x, "identity");
    for (size_t i = 0; i < 2; i++)
        weights[i] = bobbin_accepts_encoding(x, siblings[i].coding);
    size_t first = weights[1] > weights[0];
    for (size_t i = 0; i < 2; i++) {
        size_t at = i ^ first;
        struct port_file sibling;
        struct port_file_info about;
        if (weights[at] == 0 || weights[at] < least)
            continue;
        memcpy(path + length, siblings[at].suffix, 4);
        int error = port_file_open(root, path, &sibling, &about);
        path[length] = '\0';
        if (error < 0)
            continue;
        port_file_close(about.kind == PORT_FILE ? file : &sibling);
        if (about.kind != PORT_FILE)
            continue;
        *file = sibling;
        *info = about;
        return siblings[at].coding;
    }
    return NULL;
}

/* -- a path -- */

/* What a client is told of a path that cannot be opened: no more than that there is nothing for it. */
static int answer_no_file(struct bobbin_exchange *x, int error)
{
    if (error != BOBBIN_NO_FILES && error != BOBBIN_NO_MEMORY)
        return 404;
    bobbin_close_after(x); /* its own descriptor is one that may help */
    return reply_unavailable(x);
}

static int serve_opened(struct bobbin_exchange *x, const struct bobbin_files *files, char *path, size_t length,
                        struct port_file *file, struct port_file_info *info)
{
    const struct port_file root = {files->root};
    if (info->kind == PORT_FOLDER)
        return reply_redirect(x, 301);
    struct bobbin_content content = {.type = type_of(files, (struct bobbin_span){path, length}),
                                     .cache_control = files->cache_control};
    if (content.cache_control == NULL)
        content.cache_control = "no-cache";
    else if (*content.cache_control == '\0')
        content.cache_control = NULL;
    content.encoding = prefer_sibling(x, &root, path, length, file, info);
    return send_file(x, &content, file, info);
}

static int serve_list(struct bobbin_exchange *x, const struct bobbin_files *files, const char *path)
{
    const struct port_file root = {files->root};
    struct port_file folder;
    struct port_file_info info;
    int error = port_file_open(&root, path, &folder, &info);
    if (error < 0)
        return answer_no_file(x, error);
    int result = info.kind == PORT_FOLDER ? listing_reply(x, files, &folder, *path == '\0') : 404;
    port_file_close(&folder);
    return result;
}

/* A folder that may be passed through, but not read, shows by its index.html. */
static int serve_denied(struct bobbin_exchange *x, const struct port_file *root, char *path, size_t length)
{
    struct port_file file;
    struct port_file_info info;
    path[length] = '/';
    memcpy(path + length + 1, index_name, sizeof index_name);
    int error = port_file_open(root, path, &file, &info);
    if (error < 0)
        return answer_no_file(x, error);
    port_file_close(&file);
    return info.kind == PORT_FILE ? reply_redirect(x, 301) : 404;
}

/* `path` has room for ROOM_BEHIND more bytes. */
static int serve_path(struct bobbin_exchange *x, const struct bobbin_files *files, char *path, size_t length)
{
    const struct port_file root = {files->root};
    struct port_file file;
    struct port_file_info info;
    bool is_folder = length == 0 || path[length - 1] == '/';
    if (is_folder)
        memcpy(path + length, index_name, sizeof index_name);
    int error = port_file_open(&root, path, &file, &info);
    if (is_folder && (error == BOBBIN_NOT_FOUND || (error == 0 && info.kind == PORT_FOLDER))) {
        path[length] = '\0';
        if (error == 0)
            port_file_close(&file);
        return files->list ? serve_list(x, files, path) : 404;
    }
    if (error == BOBBIN_DENIED && !is_folder)
        return serve_denied(x, &root, path, length);
    if (error < 0)
        return answer_no_file(x, error);
    int result = serve_opened(x, files, path, length + (is_folder ? sizeof index_name - 1 : 0), &file, &info);
    port_file_close(&file);
    return result;
}

int bobbin_serve_files(struct bobbin_exchange *x, void *context)
{
    struct bobbin_span rest = route_parameter(x->route, x->path, (struct bobbin_span){"*", 1});
    char *path;
    if (rest.data == NULL || file_path_climbs(exchange_raw_path(x)))
        return 404;
    int error = exchange_lend(x, rest.length + ROOM_BEHIND, &path);
    if (error < 0)
        return error == BOBBIN_TOO_BIG ? 414 : error;
    const struct bobbin_files *files = context;
    int length = file_path_make(rest, files->dot_files, path);
    return length < 0 ? 404 : serve_path(x, files, path, (size_t)length);
}
