/* A kernel without the calls that newer ones have: a filter says that they are missing (seccomp(2)). */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "posix.h"

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifdef SYS_sendfile64
#define SENDFILE SYS_sendfile64
#else
#define SENDFILE SYS_sendfile
#endif

static bool answer(uint32_t first, uint32_t second, uint32_t error)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, second, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof steps / sizeof *steps, steps};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

bool posix_become_old(void)
{
    return answer(SYS_openat2, SENDFILE, ENOSYS);
}

bool posix_become_contained(void)
{
    return answer(SYS_openat2, SYS_openat2, EPERM);
}

bool posix_has_openat2(void)
{
    const struct {
        uint64_t flags, mode, resolve;
    } how = {O_PATH | O_CLOEXEC, 0, 0};
    long fd = syscall(SYS_openat2, AT_FDCWD, ".", &how, sizeof how);

    if (fd >= 0)
        close((int)fd);
    return fd >= 0;
}
