/* POSIX: threads on given stacks, locks, clocks, the log sink. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "bobbin/error.h"
#include "port.h"
#include "port_posix.h"

#define PAINT 0xA5
/* A clock that stands before this, 2024-01-01, was never set: such boards start in 1970 or at their image's date. */
#define WALL_CLOCK_SET 1704067200

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(struct port_mutex), "port_mutex is too small");
_Static_assert(sizeof(pthread_cond_t) <= sizeof(struct port_cond), "port_cond is too small");

static pthread_mutex_t *mutex_of(struct port_mutex *mutex)
{
    return (pthread_mutex_t *)(void *)mutex->room;
}

static pthread_cond_t *cond_of(struct port_cond *cond)
{
    return (pthread_cond_t *)(void *)cond->room;
}

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

void port_stack_paint(void *stack, size_t size)
{
    memset(stack, PAINT, size);
}

size_t port_stack_peak(const void *stack, size_t size)
{
    const unsigned char *bytes = stack;
    size_t untouched = 0;
    while (untouched < size && bytes[untouched] == PAINT)
        untouched++;
    return size - untouched;
}

int port_mutex_init(struct port_mutex *mutex)
{
    return pthread_mutex_init(mutex_of(mutex), NULL) == 0 ? 0 : BOBBIN_NO_MEMORY;
}

void port_mutex_destroy(struct port_mutex *mutex)
{
    pthread_mutex_destroy(mutex_of(mutex));
}

void port_mutex_lock(struct port_mutex *mutex)
{
    pthread_mutex_lock(mutex_of(mutex));
}

void port_mutex_unlock(struct port_mutex *mutex)
{
    pthread_mutex_unlock(mutex_of(mutex));
}

int port_cond_init(struct port_cond *cond)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0)
        return BOBBIN_NO_MEMORY;
    int error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (error == 0)
        error = pthread_cond_init(cond_of(cond), &attributes);
    pthread_condattr_destroy(&attributes);
    return error == 0 ? 0 : BOBBIN_NO_MEMORY;
}

void port_cond_destroy(struct port_cond *cond)
{
    pthread_cond_destroy(cond_of(cond));
}

int port_cond_wait(struct port_cond *cond, struct port_mutex *mutex, uint64_t deadline)
{
    if (deadline == PORT_NEVER)
        return pthread_cond_wait(cond_of(cond), mutex_of(mutex)) == 0 ? 0 : BOBBIN_FAILED;
    int left_ms, error = ETIMEDOUT;
    /* Our clock may be some ms behind the one that ends the wait: the rest is waited for too. */
    while (error == ETIMEDOUT && (left_ms = port_posix_left_ms(deadline)) > 0) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += (unsigned)left_ms / 1000;
        until.tv_nsec += (long)((unsigned)left_ms % 1000 * 1000000);
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
        error = pthread_cond_timedwait(cond_of(cond), mutex_of(mutex), &until);
    }
    return error == 0 ? 0 : error == ETIMEDOUT ? BOBBIN_TIMEOUT : BOBBIN_FAILED;
}

void port_cond_signal(struct port_cond *cond)
{
    pthread_cond_signal(cond_of(cond));
}

void port_cond_broadcast(struct port_cond *cond)
{
    pthread_cond_broadcast(cond_of(cond));
}

/* The coarse clocks are read without a system call everywhere, and are as fine as a timer tick: enough for
 * deadlines. Not every system has them. */
#ifdef CLOCK_MONOTONIC_COARSE
#define MONOTONIC CLOCK_MONOTONIC_COARSE
#else
#define MONOTONIC CLOCK_MONOTONIC
#endif
#ifdef CLOCK_REALTIME_COARSE
#define REALTIME CLOCK_REALTIME_COARSE
#else
#define REALTIME CLOCK_REALTIME
#endif

uint64_t port_clock_ms(void)
{
    struct timespec now;
    clock_gettime(MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + 1; /* never 0, right after a boot too */
}

int64_t port_wall_clock(void)
{
    struct timespec now;
    if (clock_gettime(REALTIME, &now) != 0 || now.tv_sec < WALL_CLOCK_SET)
        return -1;
    return now.tv_sec;
}

int port_posix_left_ms(uint64_t deadline)
{
    uint64_t now = port_clock_ms();
    if (deadline <= now)
        return 0;
    return deadline - now > INT_MAX ? INT_MAX : (int)(deadline - now);
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
