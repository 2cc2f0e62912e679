/* Linux: interfaces by name. Any thread. */
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "port_posix.h"

/* The system call itself: musl's function for it knows the structs of all devices of old kernels, 0.8 KB of them. */
uint32_t port_posix_interface(const char *name)
{
    struct ifreq request = {.ifr_ifindex = 0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    uint32_t number = 0;
    if (strlen(name) < sizeof request.ifr_name)
        memcpy(request.ifr_name, name, strlen(name));
    if (syscall(SYS_ioctl, fd, SIOCGIFINDEX, &request) == 0)
        number = (uint32_t)request.ifr_ifindex;
    close(fd);
    return number;
}
