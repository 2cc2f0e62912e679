/* Whether the other threads of this program are blocked, as Linux tells. */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "posix.h"

/* Whether the thread sleeps in the kernel: the state stands behind the name's closing parenthesis (proc(5)). */
static bool is_blocked(const char *id)
{
    char path[300], text[512];

    snprintf(path, sizeof path, "/proc/self/task/%s/stat", id);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true; /* it ended */
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    if (length <= 0)
        return true;
    text[length] = '\0';
    const char *state = strrchr(text, ')');
    return state != NULL && state[1] == ' ' && state[2] != 'R';
}

static bool all_blocked(void)
{
    bool all = true;
    struct dirent *entry;
    long own = syscall(SYS_gettid);
    DIR *directory = opendir("/proc/self/task");

    if (directory == NULL)
        abort();
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] != '.' && strtol(entry->d_name, NULL, 10) != own && !is_blocked(entry->d_name))
            all = false;
    }
    closedir(directory);
    return all;
}

/* A thread may have been asleep for another reason just now: seen so a few times in a row, it is most likely in its
 * call. What a test asserts holds in the other case too. */
void posix_settle(void)
{
    for (int seen = 0; seen < 5; seen = all_blocked() ? seen + 1 : 0)
        sched_yield();
}
