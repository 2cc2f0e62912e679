/* What can go wrong, as one set of negative numbers for the core, its ports and its callers.
 * Any thread. */
#ifndef BOBBIN_ERROR_H
#define BOBBIN_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

enum bobbin_error {
    BOBBIN_OK = 0,
    BOBBIN_TIMEOUT = -1,      /* the deadline passed */
    BOBBIN_CLOSED = -2,       /* the peer reset or left, or another thread interrupted the socket */
    BOBBIN_NO_MEMORY = -3,    /* memory, sockets or threads ran out; may pass */
    BOBBIN_NO_FILES = -4,     /* descriptors ran out; may pass when a client leaves */
    BOBBIN_INVALID = -5,      /* an argument outside its range, or a field value with CR, LF or NUL */
    BOBBIN_IN_USE = -6,       /* the address and port have a listener already */
    BOBBIN_DENIED = -7,       /* the system forbids it, such as a port under 1024 */
    BOBBIN_NO_ADDRESS = -8,   /* not an address of this device, or not an address at all */
    BOBBIN_UNSUPPORTED = -9,  /* this system cannot do it */
    BOBBIN_TOO_BIG = -10,     /* more than the memory given, or than a limit allows */
    BOBBIN_WRONG_ORDER = -11, /* a call that comes too late, such as a field after the body began */
    BOBBIN_MALFORMED = -12,   /* the peer broke the protocol */
    BOBBIN_NOT_FOUND = -13,   /* no such field, parameter or value */
    BOBBIN_FAILED = -14,      /* any other failure of the system */
};

/* English, without a full stop; never NULL, also for numbers that are none of the above. */
const char *bobbin_error_text(int error);

#ifdef __cplusplus
}
#endif

#endif
