/* Finds the addresses of a host's name, in fixed memory. Main thread. */
#include "names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "arena.h"
#include "line.h"
#include "port_posix.h"
#include "text.h"
#include "why.h"

#define FILE_BYTES    ((size_t)16 << 20) /* of addresses; what the file takes becomes RAM */
#define NAME_BYTES    256                /* RFC 1035 §2.3.4 */
#define MESSAGE_BYTES 512                /* §4.2.1: more comes by UDP only to who asks for it */
#define HEADER_BYTES  12
#define PORT          53
#define GROUP         "224.0.0.251" /* of multicast DNS */
#define GROUP_PORT    5353
#define SERVERS       3
#define ROUNDS        2
#define PATIENCE_S    3
#define GROUP_S       1  /* who has a name under .local is near */
#define STRAYS        16 /* datagrams that answer something else, until a server is given up */
#define TYPE_A        1
#define TYPE_AAAA     28
#define NO_SUCH_NAME  3

struct query {
    struct name_address *found;
    size_t count, size;
    const char *why;
    const char *servers[SERVERS];
    size_t server_count;
    char *domains; /* to try behind a name, with blanks between; NULL: none */
};

static void add(struct query *query, int family, const void *ip)
{
    if (query->count == query->size)
        return;
    query->found[query->count].family = family;
    memcpy(query->found[query->count++].ip, ip, family == AF_INET ? 4 : 16);
}

static void search_hosts(struct query *query, const char *name, char *room)
{
    if (text_read("/etc/hosts", room, FILE_BYTES) == NULL)
        return;
    for (char *line; (line = text_line(&room)) != NULL;) {
        const char *address = text_word(&line), *word;
        uint8_t ip[16];

        while (address != NULL && (word = text_word(&line)) != NULL) {
            if (strcasecmp(word, name) != 0)
                continue;
            if (inet_pton(AF_INET, address, ip) == 1)
                add(query, AF_INET, ip);
            else if (inet_pton(AF_INET6, address, ip) == 1)
                add(query, AF_INET6, ip);
            break;
        }
    }
}

static void read_servers(struct query *query, char *room)
{
    if (text_read("/etc/resolv.conf", room, FILE_BYTES) != NULL) {
        for (char *line; (line = text_line(&room)) != NULL;) {
            const char *word = text_word(&line);

            if (word == NULL)
                continue;
            if (strcmp(word, "search") == 0 || strcmp(word, "domain") == 0)
                query->domains = line;
            else if (strcmp(word, "nameserver") == 0 && query->server_count < SERVERS &&
                     (query->servers[query->server_count] = text_word(&line)) != NULL)
                query->server_count++;
        }
    }
    if (query->server_count == 0)
        query->servers[query->server_count++] = "127.0.0.1"; /* resolv.conf(5) */
}

/* The question, with an id that nobody guesses; its length, or 0: the name cannot be asked for. */
static size_t put_question(uint8_t *out, const char *name, uint8_t type)
{
    static const uint8_t head[HEADER_BYTES] = {[2] = 1 /* recursion is desired */, [5] = 1 /* one question */};
    size_t at = HEADER_BYTES;

    memcpy(out, head, sizeof head);
    if (strlen(name) > NAME_BYTES - 3 || getrandom(out, 2, 0) != 2)
        return 0;
    while (*name != '\0') {
        size_t length = strcspn(name, ".");

        if (length == 0 || length > 63)
            return 0;
        out[at++] = (uint8_t)length;
        memcpy(out + at, name, length);
        at += length;
        name += length + (name[length] == '.');
    }
    memcpy(out + at, (uint8_t[]){0, 0, type, 0, 1 /* IN */}, 5);
    return at + 5;
}

/* Behind the name at `at`, which may end in a reference to another; beyond the end where it is malformed. */
static size_t skip_name(const uint8_t *message, size_t length, size_t at)
{
    while (at < length && message[at] != 0 && message[at] < 0xc0)
        at += message[at] + 1u;
    return at + (at < length && message[at] != 0 ? 2 : 1);
}

static unsigned two_bytes(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

/* Takes the addresses of the type out of an answer. */
static void read_answer(struct query *query, const uint8_t *answer, size_t length, uint8_t type)
{
    const size_t size = type == TYPE_A ? 4 : 16;
    size_t at = HEADER_BYTES;

    for (unsigned left = two_bytes(answer + 4); left > 0 && at < length; left--)
        at = skip_name(answer, length, at) + 4;
    for (unsigned left = two_bytes(answer + 6); left > 0; left--) {
        at = skip_name(answer, length, at);
        if (at + 10 > length || at + 10 + two_bytes(answer + at + 8) > length)
            return;
        /* Whatever the name: where it is an alias, the answer holds those of what it stands for too. */
        if (two_bytes(answer + at) == type && two_bytes(answer + at + 8) == size)
            add(query, type == TYPE_A ? AF_INET : AF_INET6, answer + at + 10);
        at += 10 + two_bytes(answer + at + 8);
    }
}

/* Waits for the answer. False: there is none, or the server cannot tell. */
static bool receive(struct query *query, int fd, const uint8_t *question, uint8_t type)
{
    uint8_t answer[MESSAGE_BYTES];

    for (int stray = 0; stray < STRAYS; stray++) {
        ssize_t got = recv(fd, answer, sizeof answer, 0);

        if (got < 0)
            return false;
        if (got < HEADER_BYTES || memcmp(answer, question, 2) != 0 || !(answer[2] & 0x80))
            continue;
        if ((answer[3] & 15) == 0)
            read_answer(query, answer, (size_t)got, type);
        return (answer[3] & 15) == 0 || (answer[3] & 15) == NO_SUCH_NAME;
    }
    return false;
}

/* False: as above. Where the server is a group, the answer comes from one of its members. */
static bool ask(struct query *query, const char *server, uint16_t port, const uint8_t *question, size_t length)
{
    const bool group = port != PORT;
    const struct timeval patience = {.tv_sec = group ? GROUP_S : PATIENCE_S};
    struct sockaddr_storage address;
    socklen_t size = port_posix_parse(&address, server, port);
    const struct sockaddr *to = (const void *)&address;
    int fd = size == 0 ? -1 : socket(to->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool settled = false;

    if (fd < 0)
        return false;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    /* A socket that is connected listens to nobody else. */
    if ((group || connect(fd, to, size) == 0) &&
        sendto(fd, question, length, 0, group ? to : NULL, group ? size : 0) > 0)
        settled = receive(query, fd, question, question[length - 3]);
    close(fd);
    return settled;
}

/* False: no server tells, and the next name would fare no better. */
static bool search_servers(struct query *query, const char *name)
{
    static const uint8_t types[] = {TYPE_AAAA, TYPE_A};
    size_t length = strlen(name);
    bool local = length > 6 && strcasecmp(name + length - 6, ".local") == 0;
    uint8_t question[HEADER_BYTES + NAME_BYTES + 4];

    for (size_t i = 0; i < sizeof types; i++) {
        size_t size = put_question(question, name, types[i]);
        bool settled = size == 0 || (local && ask(query, GROUP, GROUP_PORT, question, size));

        for (size_t at = 0; !settled && at < ROUNDS * query->server_count; at++)
            settled = ask(query, query->servers[at % query->server_count], PORT, question, size);
        if (!settled && !local) {
            query->why = "No name server answers";
            return false;
        }
    }
    return query->count == 0;
}

static void search(struct query *query, const char *name)
{
    char whole[NAME_BYTES];
    const char *domain;
    bool dotted = strchr(name, '.') != NULL;

    if (dotted && !search_servers(query, name))
        return;
    while (query->domains != NULL && (domain = text_word(&query->domains)) != NULL) {
        struct line line = {.data = whole, .size = sizeof whole - 1};

        line_text(&line, name);
        line_text(&line, ".");
        line_text(&line, domain);
        whole[line.length] = '\0';
        if (!search_servers(query, whole))
            return;
    }
    if (!dotted)
        search_servers(query, name);
}

size_t names_find(const char *name, struct name_address *found, size_t size, const char **why)
{
    struct query query = {.found = found, .size = size, .why = "There is no such name"};
    char *room = arena_map(FILE_BYTES);

    if (room == NULL)
        query.why = why_text(errno);
    else
        search_hosts(&query, name, room);
    if (room != NULL && query.count == 0) {
        read_servers(&query, room);
        search(&query, name);
    }
    if (room != NULL)
        arena_unmap(room, FILE_BYTES);
    *why = query.why;
    return query.count;
}
