/* Linux's TAP devices: the frames that the system sends over an interface are read from a file, those that are
 * written to it come in there. Main thread. Apart from lwIP's headers, which clash with the system's. */
#ifndef TAP_DEVICE_H
#define TAP_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#define TAP_MAC_BYTES 6

enum tap_error {
    TAP_OK,
    TAP_NO_TUN,     /* there is no /dev/net/tun: no such driver, or a container without it */
    TAP_TUN_DENIED, /* /dev/net/tun may not be opened */
    TAP_NO_DEVICE,  /* no interface has this name */
    TAP_DENIED,     /* the interface is somebody else's */
    TAP_IN_USE,     /* another program has it open */
    TAP_NOT_TAP,    /* an interface of another kind */
    TAP_FAILED      /* errno says why */
};

/* Opens an interface that is there already: one made now would end with the program, and be set up by nobody.
 * `*fd` does not block. */
enum tap_error tap_device_open(const char *name, int *fd);

/* Whether the system's side of it is switched on: only then a frame goes through. */
bool tap_device_is_up(const char *name);

/* The address of our side: locally administered, and the same each time for the name on this machine. */
void tap_device_mac(const char *name, uint8_t mac[TAP_MAC_BYTES]);

#endif
