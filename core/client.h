/* What one client's thread has: its slot, its stream, the exchange that it is at. It lies beside its stack. */
#ifndef CLIENT_H
#define CLIENT_H

#include "date.h"
#include "http_body.h"
#include "http_parse.h"
#include "server.h"
#include "stream.h"

enum reply_stage {
    REPLY_NONE,   /* nothing yet */
    REPLY_FIELDS, /* in the draft: can still be taken back */
    REPLY_BODY,   /* the head is on its way */
    REPLY_DONE,
};

/* One request and its reply; starts anew with each. */
struct bobbin_exchange {
    struct client *client;
    uint8_t stage;                      /* enum reply_stage */
    bool continued;                     /* "100 Continue" went out */
    bool has_length, chunked, bodyless; /* bodyless: counts what is written and sends none */
    bool close;                         /* the connection ends after this reply */
    bool linger;                        /* and the peer may still be sending */
    bool overrun;                       /* the handler wrote more than it announced */
    int status;

    struct http_parser parser;
    char *head;
    size_t head_length;
    struct bobbin_span path, query;
    const struct bobbin_route *route;

    int body_error; /* what bobbin_read failed with */
    struct http_body body;
    uint64_t body_bytes; /* read so far */
    uint64_t body_max;
    struct budget body_budget;

    uint64_t length, written;
};

struct client {
    struct bobbin_exchange exchange;
    struct bobbin *server;
    struct slot *slot;
    char *buffer;
    struct stream stream;
    int64_t date_second; /* of `date`; 0: none yet */
    char date[DATE_LENGTH];
};

/* What is done with a client: http.c has one of these, echo.c the other. */
struct bobbin_protocol {
    void (*serve)(struct client *client);  /* until the connection is to end */
    void (*refuse)(struct client *client); /* says that the house is full */
};

/* exchange.c: makes the exchange new. */
void exchange_start(struct client *client);

/* exchange.c: the target's path as it came. */
struct bobbin_span exchange_raw_path(const struct bobbin_exchange *x);

/* exchange.c: bytes at the buffer's end until the exchange is over. TOO_BIG: a reply would have no room beside them;
 * or the error of sending what stood there. */
int exchange_lend(struct bobbin_exchange *x, size_t length, char **room);

/* content.c: writes a part of it, behind its head. */
struct bobbin_content;
struct range;
int content_write(struct bobbin_exchange *x, const struct bobbin_content *content, struct range range);

/* http_reply.c. The short page for a status that is an error, with a field of its own unless `field` is NULL;
 * whatever was drafted is dropped. Only before the head went out. */
int reply_error(struct bobbin_exchange *x, int status, const char *field, struct bobbin_span value);
/* That page for 503, with Retry-After: places, memory or descriptors have run out. */
int reply_unavailable(struct bobbin_exchange *x);
/* Adds a field, also one that handlers may not set. A refused one leaves the draft as it was. */
int reply_field(struct bobbin_exchange *x, const char *name, struct bobbin_span value);
/* Sets the status, also where fields were added after another one. Only before the head went out. */
int reply_status(struct bobbin_exchange *x, int status);
/* Answers with the target's path as it came, a slash behind it, and its query, as Location; 404 where that would
 * name another host. */
int reply_redirect(struct bobbin_exchange *x, int status);
/* Sends the head on its way; without a length told before, as one of a reply without a body. TOO_BIG: it does not
 * fit. */
int reply_commit(struct bobbin_exchange *x);
/* Completes the reply after the handler: false where it broke its own framing. */
bool reply_finish(struct bobbin_exchange *x);

#endif
