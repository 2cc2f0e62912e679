/* Linux: threads on given stacks, pages that guard them, the log sink. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bobbin/error.h"
#include "port.h"
#include "port_posix.h"

/* What port_thread holds. The entry waits in it too: the stack's low end would be one more page resident. */
struct thread {
    pthread_t id;
    void (*entry)(void *);
    void *argument;
};

_Static_assert(sizeof(struct thread) <= sizeof(struct port_thread), "port_thread is too small");

static struct thread *thread_of(struct port_thread *thread)
{
    return (struct thread *)(void *)thread->room;
}

/* A client's thread that wakes does not push aside whatever runs: the device's own work goes on, and a request costs
 * 6% less CPU, since the waker is not interrupted. The price: on a busy processor a reply may come a slice of the
 * scheduler later, some 4 ms. Whoever started us under another policy has a reason. */
static void give_way(void)
{
#ifdef SCHED_BATCH
    struct sched_param parameters;
    int policy;
    if (pthread_getschedparam(pthread_self(), &policy, &parameters) == 0 && policy == SCHED_OTHER)
        pthread_setschedparam(pthread_self(), SCHED_BATCH, &parameters);
#endif
}

static void *run(void *argument)
{
    const struct thread *thread = argument;
    give_way();
    thread->entry(thread->argument);
    return NULL;
}

int port_thread_start(struct port_thread *started, void (*entry)(void *), void *argument, void *stack, size_t size)
{
    struct thread *thread = thread_of(started);
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return BOBBIN_NO_MEMORY;
    thread->entry = entry;
    thread->argument = argument;
    int error = pthread_attr_setstack(&attributes, stack, size);
    if (error == 0) {
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        error = pthread_create(&thread->id, &attributes, run, thread);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&attributes);
    return error == 0 ? 0 : error == EINVAL ? BOBBIN_INVALID : BOBBIN_NO_MEMORY;
}

void port_thread_join(struct port_thread *thread)
{
    pthread_join(thread_of(thread)->id, NULL);
}

size_t port_page_bytes(void)
{
    int size = getpagesize();
    return size > 0 ? (size_t)size : 0;
}

int port_guard(void *pages, size_t size)
{
    return mprotect(pages, size, PROT_NONE) == 0 ? 0 : port_posix_error(errno);
}

void port_unguard(void *pages, size_t size)
{
    mprotect(pages, size, PROT_READ | PROT_WRITE);
}

void port_log(enum port_log_level level, const char *text, size_t length)
{
    static const char *const names[] = {"error: ", "warning: ", ""};
    const char *name = names[level];
    /* One call, so that lines of several threads do not mix. */
    struct iovec line[] = {{.iov_base = (void *)(uintptr_t) "bobbin: ", .iov_len = 8},
                           {.iov_base = (void *)(uintptr_t)name, .iov_len = strlen(name)},
                           {.iov_base = (void *)(uintptr_t)text, .iov_len = length},
                           {.iov_base = (void *)(uintptr_t) "\n", .iov_len = 1}};
    ssize_t written = writev(STDERR_FILENO, line, 4);
    (void)written; /* where the log cannot be written there is nobody to tell */
}
