/* The OS half on hosts, beside port/posix/threads.c. Any thread. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#include "os.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static pthread_mutex_t mutex;

static void prepare(void)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    if (pthread_mutex_init(&mutex, &attributes) != 0 || pthread_key_create(&key, sys_arch_thread_ends) != 0)
        abort();
    pthread_mutexattr_destroy(&attributes);
}

void *os_thread_note(void)
{
    pthread_once(&once, prepare);
    return pthread_getspecific(key);
}

void os_thread_set_note(void *note)
{
    pthread_once(&once, prepare);
    if (pthread_setspecific(key, note) != 0)
        abort();
}

void os_protect(void)
{
    pthread_once(&once, prepare);
    pthread_mutex_lock(&mutex);
}

void os_unprotect(void)
{
    pthread_mutex_unlock(&mutex);
}

uint32_t os_random(void)
{
    uint32_t number;
    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        abort(); /* it may be interrupted only where it waits for the system's first entropy */
    return number;
}

void os_halt(void)
{
    abort();
}
