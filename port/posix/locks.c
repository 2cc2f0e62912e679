/* POSIX: mutexes and condition variables. */
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "bobbin/error.h"
#include "port.h"
#include "port_posix.h"
#include "system.h"

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
    int error = system_use_monotonic(&attributes);
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
