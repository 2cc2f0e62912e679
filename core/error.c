/* The errors in words. Pure; any thread. */
#include "bobbin/error.h"

const char *bobbin_error_text(int error)
{
    switch (error) {
    case BOBBIN_OK:
        return "No error";
    case BOBBIN_TIMEOUT:
        return "Time is up";
    case BOBBIN_CLOSED:
        return "The peer closed the connection";
    case BOBBIN_NO_MEMORY:
        return "Not enough memory, sockets or threads";
    case BOBBIN_NO_FILES:
        return "Too many open files";
    case BOBBIN_INVALID:
        return "Invalid argument";
    case BOBBIN_IN_USE:
        return "Address and port are in use";
    case BOBBIN_DENIED:
        return "Permission denied";
    case BOBBIN_NO_ADDRESS:
        return "Not an address of this device";
    case BOBBIN_UNSUPPORTED:
        return "Not supported by this system";
    case BOBBIN_TOO_BIG:
        return "Larger than what there is room for";
    case BOBBIN_WRONG_ORDER:
        return "Called too late";
    case BOBBIN_MALFORMED:
        return "The peer broke the protocol";
    case BOBBIN_NOT_FOUND:
        return "Not found";
    case BOBBIN_FAILED:
        return "The system failed";
    default:
        return "Unknown error";
    }
}
