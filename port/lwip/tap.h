/* lwIP's driver for a TAP device, on hosts. One device a program. */
#ifndef TAP_H
#define TAP_H

#include "lwip/netif.h"
#include "tap_device.h"

struct tap {
    int fd;                     /* of tap_device_open */
    uint8_t mac[TAP_MAC_BYTES]; /* of our side */
    uint32_t dropped;           /* frames that found no buffer, for whoever debugs; the receiving thread's */
};

/* As of netif_add; netif->state is a struct tap, which stays. Starts the thread that receives, which ends with the
 * program, or with a line in the log when the device is removed. */
err_t tap_netif(struct netif *netif);

#endif
