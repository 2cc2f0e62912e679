/* One suite for every port: it holds an implementation to the words of port/include/port.h.
 *
 * The tests use the port itself for the server's side. What differs from port to port, which is the other end of a
 * connection and the passing of time, they ask of a struct contract_peer. */
#ifndef CONTRACT_H
#define CONTRACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bobbin/error.h"
#include "port.h"
#include "test_stack.h"

#define CONTRACT_THREADS  4
#define CONTRACT_SHORT_MS 40 /* a deadline that has to pass: short, for where it passes in real time */

/* The files of a port that has some. Paths are those of port_file_open; the folders that lead there are made. */
struct contract_tree {
    const char *(*begin)(void); /* an empty folder: its path for port_root_open */
    const char *(*path)(void);
    void (*end)(void);
    void (*add)(const char *path, const void *data, size_t length, int64_t modified); /* what was there stays open */
    void (*folder)(const char *path);
    void (*special)(const char *path); /* no file: one that blocks who opens it, where there is such a thing */
    void (*resize)(const char *path, uint64_t size); /* of the file itself; what is new is zeros */
    void (*deny)(const char *path);                  /* nobody may read it, until the test ends */
};

/* The other side. It never fails: it ends the test program where it cannot do what it is told. */
struct contract_peer {
    /* Before and after each test. */
    void (*begin)(void);
    void (*end)(void);
    bool has_v6;

    /* A client that connects to `to`, whose ip is an address of this device; its own address goes to `from`. What it
     * does not read stays in a window of much less than 16 MiB. */
    intptr_t (*connect)(const struct port_address *to, struct port_address *from);
    void (*send)(intptr_t client, const void *data, size_t length);
    size_t (*read)(intptr_t client, void *buffer, size_t size); /* waits for size bytes or the stream's end */
    void (*finish)(intptr_t client);                            /* ends its side and may go on reading */
    void (*leave)(intptr_t client);                             /* closes; the client is gone */
    void (*reset)(intptr_t client);                             /* tears the connection down; gone as well */

    /* Waits until every thread that the port started is blocked. */
    void (*settle)(void);
    /* Lets so much time pass on the port's clock, where it does not pass by itself. */
    void (*pass)(uint64_t ms);

    /* The next port_accept or port_file_open meets a system without a free descriptor, until it is told false. NULL:
     * a client that is there to be accepted has one, and there are no files. */
    void (*no_files)(bool none);
    /* port_listen on 127.0.0.1, as a program without rights; 1 where that cannot be tried. */
    int (*listen_without_rights)(uint16_t port);
    /* Whether small pieces leave at once; NULL where it cannot be seen. */
    bool (*sends_at_once)(const struct port_socket *socket);
    /* NULL: a port without files. */
    const struct contract_tree *tree;
};

/* Runs every test, or those whose names match `filter` (NULL: all). Returns how many failed. */
int contract_run(const struct contract_peer *peer, const char *filter);
int contract_run_with_files(const struct contract_peer *peer, const char *filter); /* those about files alone */

/* -- for the suite's own files -- */

extern const struct contract_peer *contract_peer;

/* A thread of the port's, and what it did. */
struct contract_worker {
    struct port_thread thread;
    void *stack;
    struct port_socket *socket;
    const struct port_socket *listeners;
    size_t listener_count;
    char *buffer;
    size_t size; /* of buffer; port_send sends PORT_PIECES times as much */
    uint64_t deadline;
    int result;
    size_t sent;
    struct port_socket client;
    struct port_address peer;
    uint64_t returned_ms;
};

void contract_start(struct contract_worker *worker, void (*entry)(void *));
void contract_join(struct contract_worker *worker);

/* Entries: one call of the port each. */
void contract_accept(void *worker);
void contract_recv(void *worker);
void contract_send(void *worker);

/* A connection over 127.0.0.1 whose server's side is accepted. */
struct contract_pair {
    struct port_socket listener, server;
    intptr_t client;
};

void contract_listen(struct port_socket *listener, const char *address, struct port_address *at);
void contract_pair_open(struct contract_pair *pair);
void contract_pair_close(struct contract_pair *pair); /* the client has to be gone already, or to leave later */

int contract_setup(void **state);
int contract_teardown(void **state);

#define CONTRACT_TEST(test) cmocka_unit_test_setup_teardown(test, contract_setup, contract_teardown)

int contract_run_listen(void);
int contract_run_adopt(void);
int contract_run_accept(void);
int contract_run_stream(void);
int contract_run_interrupt(void);
int contract_run_threads(void);
int contract_run_locks(void);
int contract_run_host(void);
int contract_run_files(void);
int contract_run_folders(void);
int contract_run_send_file(void);

#endif
