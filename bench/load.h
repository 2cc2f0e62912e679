/*
 * The load generator's parts. One program makes every figure, so that all
 * servers meet the same client; it does as little as it can for a reply, since
 * it shares the processors with the server.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    LOAD_IN_BYTES = 8192, /* received and not yet checked, per connection */
    LOAD_PATH_MAX = 64,   /* a request fits in 128 bytes then */
    LOAD_DEPTH_MAX = 64,  /* requests in one packet */
    LOAD_THREADS_MAX = 16,
    LOAD_REPLY_MAX = 1024, /* head and body */
};

struct load_options {
    struct in_addr address; /* of the server */
    uint16_t port;         /* 0: the server prints it (start only) */
    unsigned connections;  /* in all, not per thread */
    unsigned depth;        /* requests sent in one packet */
    unsigned threads;      /* of the load generator */
    unsigned warmup_ms;    /* not counted */
    unsigned duration_ms;  /* counted */
    unsigned timeout_ms;   /* hold, start: give up; rate: on the first replies with body_file */
    pid_t pid;             /* server whose CPU time is read; 0: none */
    bool close;            /* a connection per request */
    bool again;            /* hold: ask all once more while all are open */
    const char *path;      /* asked for */
    const char *body_file; /* rate: what is expected there; NULL: Hello, World! and a newline */
    char **command;        /* start: the server */
};

/* The body expected. */
struct load_body {
    const char *bytes;
    size_t length;
    char length_line[24]; /* as Content-Length has it, with CRLF */
};

/* The reply expected, with the value of Date (at date_at, 0: none) left out. */
struct load_reply {
    char bytes[LOAD_REPLY_MAX];
    size_t length;
    size_t date_at;
};

struct load_client {
    int fd;
    unsigned pending;     /* replies owed */
    bool connecting;      /* the request waits for the connection */
    uint64_t sent_ns;     /* close mode: when the connection was asked for */
    size_t used;          /* bytes in in[] */
    size_t left;          /* with a body file: of the body, still to come; 0: the head is awaited */
    bool proved;          /* with a body file: one reply was compared byte by byte */
    char in[LOAD_IN_BYTES];
};

/* load_reply.c ----------------------------------------------------------- */

/*
 * Length of the reply that starts at bytes; 0: more is needed; -1: it is not
 * 200 with Content-Length: 14 and "Hello, World!\n". Remembers the first right
 * reply in *known, so that the next ones cost a comparison.
 */
ssize_t load_check_reply(struct load_reply *known, const char *bytes, size_t count);

/* Length of the head, its blank line included; 0: more is needed; -1: it is not 200 with the body's length. */
ssize_t load_check_head(const struct load_body *body, const char *bytes, size_t count);

/* Request text for one GET; returns its length. */
size_t load_format_request(char *text, size_t size, const struct load_options *options);

/* A socket to the server, connecting if nonblocking; -1 and errno. */
int load_connect(struct in_addr address, uint16_t port, bool nonblocking);

uint64_t load_now_ns(void);

/* load_body.c ------------------------------------------------------------ */

/* Maps the file to compare with; false: said why on standard error. */
bool load_map_body(struct load_body *body, const char *path);
void load_unmap_body(const struct load_body *body);

enum load_got { LOAD_WRONG = -1, LOAD_MORE, LOAD_WHOLE, LOAD_FAILED /* errno */, LOAD_END };

/* Receives once or twice from a client that is owed the file: LOAD_WHOLE at the reply's end. Bytes of the body are
 * added to *received. Short bodies are compared whole, longer ones in a connection's first reply, later by a sample. */
enum load_got load_receive_body(const struct load_body *body, struct load_client *c, uint64_t *received);

/* Modes: each prints one line of JSON, and returns the exit status --------- */

int load_rate(const struct load_options *options);
int load_hold(const struct load_options *options);
int load_start(const struct load_options *options);

#endif
