/* The fake port's threads and locks: real ones, that wait by the hand-moved clock. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bobbin/error.h"
#include "fake_world.h"

#define PAINT 0xA5

#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define UNWATCHED __attribute__((no_sanitize("address", "thread")))
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNWATCHED __attribute__((no_sanitize("address", "thread")))
#endif
#ifndef UNWATCHED
#define UNWATCHED
#endif

static _Thread_local struct fake_thread *self; /* NULL: the test's own thread */

void fake_wait_change(const char *where)
{
    uint64_t seen = fake_world.generation;

    if (self != NULL) {
        self->where = where;
        fake_world.blocked++;
        pthread_cond_broadcast(&fake_world.told);
    }
    while (fake_world.generation == seen)
        pthread_cond_wait(&fake_world.changed, &fake_world.lock);
    if (self != NULL)
        self->where = NULL;
}

/* -- threads -- */

static void *thread_main(void *argument)
{
    struct fake_thread *thread = argument;

    self = thread;
    thread->entry(thread->argument);
    fake_lock();
    thread->done = true;
    fake_world.running--;
    fake_changed();
    fake_unlock();
    return NULL;
}

static int create(struct fake_thread *thread, void *stack, size_t size)
{
    pthread_attr_t attributes;
    sigset_t all, before;

    pthread_attr_init(&attributes);
    int failed = pthread_attr_setstack(&attributes, stack, size);
    if (failed == 0) {
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        failed = pthread_create(&thread->id, &attributes, thread_main, thread);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (failed != 0)
            failed = BOBBIN_NO_MEMORY;
    } else {
        failed = BOBBIN_INVALID;
    }
    pthread_attr_destroy(&attributes);
    return failed;
}

int port_thread_start(struct port_thread *thread, void (*entry)(void *), void *argument, void *stack, size_t size)
{
    if ((uintptr_t)stack % 16 != 0)
        fake_give_up("port_thread_start with a stack that is not aligned");
    struct fake_thread *made = calloc(1, sizeof *made);
    if (made == NULL)
        return BOBBIN_NO_MEMORY;
    made->entry = entry;
    made->argument = argument;
    fake_lock();
    int result = fake_fault(FAKE_THREAD_START);
    if (result == 0)
        result = create(made, stack, size);
    if (result == 0) {
        fake_world.running++;
        fake_world.joinable++;
        made->next = fake_world.threads;
        fake_world.threads = made;
        fake_changed();
    }
    fake_unlock();
    if (result != 0)
        free(made);
    else
        thread->room[0] = (uintptr_t)made;
    return result;
}

void port_thread_join(struct port_thread *thread)
{
    struct fake_thread *joined = (struct fake_thread *)thread->room[0];

    if (joined == NULL || joined == self)
        fake_give_up("port_thread_join of a thread that was joined, or of itself");
    fake_lock();
    while (!joined->done)
        fake_wait_change("join");
    for (struct fake_thread **link = &fake_world.threads; *link != NULL; link = &(*link)->next) {
        if (*link == joined) {
            *link = joined->next;
            break;
        }
    }
    fake_world.joinable--;
    fake_unlock();
    pthread_join(joined->id, NULL);
    free(joined);
    thread->room[0] = 0; /* so that a second join is seen */
}

size_t port_page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

int port_guard(void *pages, size_t size)
{
    fake_lock();
    int result = fake_fault(FAKE_GUARD);
    fake_unlock();
    if (result != 0)
        return result;
    return mprotect(pages, size, PROT_NONE) == 0 ? BOBBIN_OK : BOBBIN_NO_MEMORY;
}

void port_unguard(void *pages, size_t size)
{
    mprotect(pages, size, PROT_READ | PROT_WRITE);
}

UNWATCHED void port_stack_paint(void *stack, size_t size)
{
    unsigned char *bytes = stack;

    for (size_t i = 0; i < size; i++)
        bytes[i] = PAINT;
}

/* Reads stacks that may be in use, and frames that a sanitizer has fenced off. */
UNWATCHED size_t port_stack_peak(const void *stack, size_t size)
{
    const unsigned char *bytes = stack;
    size_t clean = 0;

    while (clean < size && bytes[clean] == PAINT)
        clean++;
    return size - clean;
}

/* -- locks -- */

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(struct port_mutex), "a mutex fits its room");

static int lock_made(enum fake_call call)
{
    fake_lock();
    int result = fake_fault(call);
    if (result == 0)
        fake_world.locks++;
    fake_unlock();
    return result;
}

static void lock_destroyed(void)
{
    fake_lock();
    fake_world.locks--;
    fake_unlock();
}

static pthread_mutex_t *real_mutex(struct port_mutex *mutex)
{
    return (pthread_mutex_t *)(void *)mutex;
}

int port_mutex_init(struct port_mutex *mutex)
{
    pthread_mutexattr_t attributes;
    int result = lock_made(FAKE_MUTEX_INIT);

    if (result != 0)
        return result;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(real_mutex(mutex), &attributes);
    pthread_mutexattr_destroy(&attributes);
    return BOBBIN_OK;
}

void port_mutex_destroy(struct port_mutex *mutex)
{
    if (pthread_mutex_destroy(real_mutex(mutex)) != 0)
        fake_give_up("a mutex was destroyed while locked");
    lock_destroyed();
}

void port_mutex_lock(struct port_mutex *mutex)
{
    if (pthread_mutex_lock(real_mutex(mutex)) != 0)
        fake_give_up("a mutex was locked twice by one thread");
}

void port_mutex_unlock(struct port_mutex *mutex)
{
    if (pthread_mutex_unlock(real_mutex(mutex)) != 0)
        fake_give_up("a mutex was unlocked by a thread that had not locked it");
}

/* A condition is the number of its broadcasts, under the world's lock. */
int port_cond_init(struct port_cond *cond)
{
    int result = lock_made(FAKE_COND_INIT);

    cond->room[0] = 0;
    return result;
}

void port_cond_destroy(struct port_cond *cond)
{
    (void)cond;
    lock_destroyed();
}

int port_cond_wait(struct port_cond *cond, struct port_mutex *mutex, uint64_t deadline)
{
    int result = BOBBIN_OK;

    fake_lock();
    uint64_t seen = cond->room[0];
    port_mutex_unlock(mutex);
    while (cond->room[0] == seen) {
        if (deadline <= fake_world.clock_ms) {
            result = BOBBIN_TIMEOUT;
            break;
        }
        fake_wait_change("cond wait");
    }
    fake_unlock();
    port_mutex_lock(mutex);
    return result;
}

/* Waking all for nothing is allowed. */
void port_cond_signal(struct port_cond *cond)
{
    port_cond_broadcast(cond);
}

void port_cond_broadcast(struct port_cond *cond)
{
    fake_lock();
    cond->room[0]++;
    fake_changed();
    fake_unlock();
}
