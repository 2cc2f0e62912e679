/* A folder's page: what is in it, in order. On the client's thread. */
#ifndef LISTING_H
#define LISTING_H

#include "bobbin/files.h"
#include "port_files.h"

/* Answers with the page of an opened folder; `is_root`: nothing is above it. The request's query says the order. */
int listing_reply(struct bobbin_exchange *x, const struct bobbin_files *files, const struct port_file *folder,
                  bool is_root);

#endif
