/* Linux's TAP devices: open one, by its name. Main thread. */
#include "tap_device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST_BYTES 64

/* For its flags, or just whether it is there. False: errno is ENODEV where no interface has this name. */
static bool ask(const char *name, bool flags, struct ifreq *request)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), result = -1;

    memset(request, 0, sizeof *request);
    if (fd < 0 || strlen(name) >= sizeof request->ifr_name)
        errno = fd < 0 ? errno : ENODEV;
    else {
        memcpy(request->ifr_name, name, strlen(name));
        result = flags ? ioctl(fd, SIOCGIFFLAGS, request) : ioctl(fd, SIOCGIFINDEX, request);
    }
    if (fd >= 0)
        close(fd);
    return result == 0;
}

static enum tap_error why_no_tun(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case ENODEV: /* the node is there, the driver is not */
    case ENXIO:
        return TAP_NO_TUN;
    case EACCES:
    case EPERM: /* a container's list of devices */
        return TAP_TUN_DENIED;
    default:
        return TAP_FAILED;
    }
}

static enum tap_error why_not_attached(void)
{
    switch (errno) {
    case EBUSY:
        return TAP_IN_USE;
    case EPERM:
    case EACCES:
        return TAP_DENIED;
    case EINVAL:
        return TAP_NOT_TAP;
    default:
        return TAP_FAILED;
    }
}

enum tap_error tap_device_open(const char *name, int *fd)
{
    struct ifreq request;
    int file = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    if (file < 0)
        return why_no_tun();
    if (!ask(name, false, &request)) {
        enum tap_error error = errno == ENODEV ? TAP_NO_DEVICE : TAP_FAILED;

        close(file); /* keeps errno */
        return error;
    }
    /* A name with a % would be a pattern to TUNSETIFF, and make a new device; no interface has such a name. */
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    if (ioctl(file, TUNSETIFF, &request) != 0) {
        enum tap_error error = why_not_attached();

        close(file);
        return error;
    }
    *fd = file;
    return TAP_OK;
}

bool tap_device_is_up(const char *name)
{
    struct ifreq request;

    return ask(name, true, &request) && (request.ifr_flags & IFF_UP) != 0;
}

/* FNV-1a: of the machine's name too, so that tap0 of two machines may hang on one switch. */
void tap_device_mac(const char *name, uint8_t mac[TAP_MAC_BYTES])
{
    char host[HOST_BYTES + 1] = "";
    uint64_t hash = 14695981039346656037u;

    (void)gethostname(host, HOST_BYTES);
    for (const char *at = host; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    for (const char *at = name; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    hash ^= hash >> 32; /* its high bits are the better mixed ones */
    for (int i = 0; i < TAP_MAC_BYTES; i++)
        mac[i] = (uint8_t)(hash >> 8 * i);
    mac[0] = (uint8_t)((mac[0] & 0xfc) | 0x02); /* locally administered, no group */
}
