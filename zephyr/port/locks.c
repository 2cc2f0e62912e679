/* Zephyr: the kernel's own locks. POSIX's are numbers of such ones here, from pools whose sizes are two options more,
 * and which clock a condition waits by differs from version to version. */
#include <zephyr/kernel.h>

#include "bobbin/error.h"
#include "port.h"
#include "timeout.h"

BUILD_ASSERT(sizeof(struct k_mutex) <= sizeof(struct port_mutex), "port_mutex is too small");
BUILD_ASSERT(sizeof(struct k_condvar) <= sizeof(struct port_cond), "port_cond is too small");

static struct k_mutex *mutex_of(struct port_mutex *mutex)
{
    return (struct k_mutex *)(void *)mutex->room;
}

static struct k_condvar *cond_of(struct port_cond *cond)
{
    return (struct k_condvar *)(void *)cond->room;
}

int port_mutex_init(struct port_mutex *mutex)
{
    k_mutex_init(mutex_of(mutex));
    return 0;
}

void port_mutex_destroy(struct port_mutex *mutex)
{
    (void)mutex;
}

void port_mutex_lock(struct port_mutex *mutex)
{
    k_mutex_lock(mutex_of(mutex), K_FOREVER);
}

void port_mutex_unlock(struct port_mutex *mutex)
{
    k_mutex_unlock(mutex_of(mutex));
}

int port_cond_init(struct port_cond *cond)
{
    k_condvar_init(cond_of(cond));
    return 0;
}

void port_cond_destroy(struct port_cond *cond)
{
    (void)cond;
}

int port_cond_wait(struct port_cond *cond, struct port_mutex *mutex, uint64_t deadline)
{
    return k_condvar_wait(cond_of(cond), mutex_of(mutex), timeout_until(deadline)) == 0 ? 0 : BOBBIN_TIMEOUT;
}

void port_cond_signal(struct port_cond *cond)
{
    k_condvar_signal(cond_of(cond));
}

void port_cond_broadcast(struct port_cond *cond)
{
    k_condvar_broadcast(cond_of(cond));
}
