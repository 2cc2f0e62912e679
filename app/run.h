/* What `bobbin serve` and `bobbin echo` share: from options to a running server, and its end. Main thread. */
#ifndef RUN_H
#define RUN_H

#include "bobbin/bobbin.h"
#include "options.h"

/* How a server tells where it is: "bobbin 0.1.0 serves on port 1234. In a browser:", and a line an address. */
struct run_words {
    const char *does;   /* "serves" */
    const char *invite; /* "In a browser:" */
    const char *path;   /* http://ADDRESS:PORT and this; NULL: bobbin connect ADDRESS PORT */
    unsigned files;     /* that each client may have open at a time */
};

/* Sets what options say of the network, memory and times; before it the caller sets the rest. */
void run_configure(struct bobbin_config *config, const struct options *options);

/* Serves until a signal ends it; an exit status. The console is open already. */
int run_server(const struct bobbin_config *config, const struct run_words *words, const struct options *options);

#endif
