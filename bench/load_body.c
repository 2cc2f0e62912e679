/*
 * Replies that carry a file. The head is checked in each; the body is compared
 * with the file as far as the client can afford it beside the server.
 */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SCRATCH_BYTES = 256 * 1024,
    COMPARED_MAX = 1024 * 1024, /* longer bodies are sampled once a client is proved */
    SAMPLE_BYTES = 4096,        /* the last ones */
};

bool load_map_body(struct load_body *body, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *bytes = MAP_FAILED;
    struct stat info;

    if (fd >= 0 && fstat(fd, &info) == 0)
        bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (bytes == MAP_FAILED)
        fprintf(stderr, "load: %s: %s\n", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    if (bytes == MAP_FAILED)
        return false;
    body->bytes = bytes;
    body->length = (size_t)info.st_size;
    snprintf(body->length_line, sizeof body->length_line, "%zu\r\n", body->length);
    return true;
}

void load_unmap_body(const struct load_body *body)
{
    munmap((void *)body->bytes, body->length);
}

static bool take(const struct load_body *body, struct load_client *c, const char *bytes, size_t count)
{
    if (count > c->left || memcmp(body->bytes + (body->length - c->left), bytes, count) != 0)
        return false;
    c->left -= count;
    return true;
}

static enum load_got nothing(ssize_t got)
{
    if (got == 0)
        return LOAD_END;
    return errno == EAGAIN ? LOAD_MORE : LOAD_FAILED;
}

/* Compares what came with the head, too. */
static enum load_got receive_head(const struct load_body *body, struct load_client *c, uint64_t *received)
{
    ssize_t got = recv(c->fd, c->in + c->used, sizeof c->in - c->used, 0);
    ssize_t head;
    size_t with_head;

    if (got <= 0)
        return nothing(got);
    c->used += (size_t)got;
    head = load_check_head(body, c->in, c->used);
    if (head <= 0)
        return head < 0 ? LOAD_WRONG : LOAD_MORE;
    with_head = c->used - (size_t)head;
    c->left = body->length;
    c->used = 0;
    *received += with_head;
    if (!take(body, c, c->in + head, with_head))
        return LOAD_WRONG;
    return c->left ? LOAD_MORE : LOAD_WHOLE;
}

static enum load_got receive_rest(const struct load_body *body, struct load_client *c, uint64_t *received)
{
    static _Thread_local char scratch[SCRATCH_BYTES];
    bool discard = c->proved && body->length > COMPARED_MAX && c->left > SAMPLE_BYTES;
    ssize_t got;

    if (discard) /* tcp(7): such bytes are not copied */
        got = recv(c->fd, NULL, c->left - SAMPLE_BYTES, MSG_TRUNC);
    else
        got = recv(c->fd, scratch, sizeof scratch, 0);
    if (got <= 0)
        return nothing(got);
    *received += (uint64_t)got;
    if (discard)
        c->left -= (size_t)got;
    else if (!take(body, c, scratch, (size_t)got))
        return LOAD_WRONG;
    return c->left ? LOAD_MORE : LOAD_WHOLE;
}

enum load_got load_receive_body(const struct load_body *body, struct load_client *c, uint64_t *received)
{
    enum load_got got = LOAD_MORE;

    if (!c->left)
        got = receive_head(body, c, received);
    if (got == LOAD_MORE && c->left)
        got = receive_rest(body, c, received);
    if (got == LOAD_WHOLE)
        c->proved = true;
    return got;
}
