/* What the files of bobbin-lwip share of its network. Main thread. */
#ifndef NETWORK_LWIP_H
#define NETWORK_LWIP_H

/* "NAME" of NAME.local, by which others find this device; NULL: it was not announced. */
const char *network_label(void);

#endif
