/* Zephyr: pthreads on stacks of K_THREAD_STACK_ARRAY_DEFINE (bobbin/zephyr.h). What guards them is Zephyr's. */
#include <errno.h>
#include <pthread.h>

#include <zephyr/kernel.h>

#include "bobbin/error.h"
#include "port.h"

struct thread {
    pthread_t id;
    void (*entry)(void *);
    void *argument;
};

BUILD_ASSERT(sizeof(struct thread) <= sizeof(struct port_thread), "port_thread is too small");

static struct thread *thread_of(struct port_thread *thread)
{
    return (struct thread *)(void *)thread->room;
}

static void *run(void *argument)
{
    const struct thread *thread = argument;
    /* What older Zephyr gives a pthread; newer would let it inherit its starter's, often the highest that can be
     * preempted. */
    k_thread_priority_set(k_current_get(), K_LOWEST_APPLICATION_THREAD_PRIO);
    thread->entry(thread->argument);
    return NULL;
}

int port_thread_start(struct port_thread *started, void (*entry)(void *), void *argument, void *stack, size_t size)
{
    struct thread *thread = thread_of(started);
    pthread_attr_t attributes = {0}; /* newer Zephyr takes what is not 0 for initialized already */
    if (size <= CONFIG_IDLE_STACK_SIZE) /* what a thread has that does nothing */
        return BOBBIN_INVALID;
    if (pthread_attr_init(&attributes) != 0)
        return BOBBIN_NO_MEMORY;
    thread->entry = entry;
    thread->argument = argument;
    int error = pthread_attr_setstack(&attributes, stack, size);
    if (error == 0)
        error = pthread_create(&thread->id, &attributes, run, thread);
    return error == 0 ? 0 : error == EINVAL ? BOBBIN_INVALID : BOBBIN_NO_MEMORY;
}

void port_thread_join(struct port_thread *thread)
{
    pthread_join(thread_of(thread)->id, NULL);
}

void port_stack_paint(void *stack, size_t size)
{
    (void)stack; /* Zephyr paints it when it starts the thread, with CONFIG_INIT_STACKS */
    (void)size;
}
