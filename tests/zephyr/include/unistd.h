/* As far as Zephyr 3.4 has it and the port uses it. */
#ifndef STUB_UNISTD_H
#define STUB_UNISTD_H

int close(int fd);

#endif
