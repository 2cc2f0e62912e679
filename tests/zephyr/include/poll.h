/* As far as Zephyr 3.4 has it. */
#ifndef STUB_POLL_H
#define STUB_POLL_H

#define POLLIN 1

struct pollfd {
    int fd;
    short events, revents;
};

int poll(struct pollfd *waiting, int count, int timeout_ms);

#endif
