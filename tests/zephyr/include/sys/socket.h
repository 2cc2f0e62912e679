/* As far as Zephyr 3.4 has it and the port uses it: no accept4, MSG_NOSIGNAL, SOCK_CLOEXEC. Addresses are as without
 * IPv6 there: a sockaddr_storage does not hold a sockaddr_in6. */
#ifndef STUB_SYS_SOCKET_H
#define STUB_SYS_SOCKET_H

#include <sys/types.h>

#define AF_INET      1
#define AF_INET6     2
#define SOCK_STREAM  1
#define IPPROTO_TCP  6
#define IPPROTO_IPV6 41
#define SOL_SOCKET   1
#define SO_REUSEADDR 2
#define SO_RCVTIMEO  20
#define SO_SNDTIMEO  21
#define MSG_DONTWAIT 0x40
#define SHUT_RD      0

typedef unsigned short sa_family_t;
typedef size_t socklen_t;

struct sockaddr {
    sa_family_t sa_family;
    char data[6];
};

struct sockaddr_storage {
    sa_family_t ss_family;
    char data[6];
};

struct iovec {
    void *iov_base;
    size_t iov_len;
};

struct msghdr {
    void *msg_name;
    socklen_t msg_namelen;
    struct iovec *msg_iov;
    size_t msg_iovlen;
    void *msg_control;
    size_t msg_controllen;
    int msg_flags;
};

int socket(int family, int type, int protocol);
int bind(int fd, const struct sockaddr *address, socklen_t length);
int listen(int fd, int backlog);
int accept(int fd, struct sockaddr *address, socklen_t *length);
int shutdown(int fd, int how);
ssize_t send(int fd, const void *data, size_t length, int flags);
ssize_t sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t recv(int fd, void *data, size_t length, int flags);
int setsockopt(int fd, int level, int option, const void *value, socklen_t length);
int getsockname(int fd, struct sockaddr *address, socklen_t *length);

#endif
