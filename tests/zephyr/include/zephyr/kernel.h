/* Of Zephyr's kernel, what zephyr/ uses. */
#ifndef STUB_KERNEL_H
#define STUB_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUILD_ASSERT _Static_assert
#undef __aligned /* newlib has one too */
#define __aligned(n) __attribute__((aligned(n)))
#define K_FOREVER    ((k_timeout_t){-1})
#define K_MSEC(ms)   ((k_timeout_t){ms})

#define K_THREAD_STACK_ARRAY_DEFINE(name, count, size) char name[count][size]
#define K_THREAD_STACK_SIZEOF(stack)                   sizeof(stack)

typedef struct {
    int64_t ticks;
} k_timeout_t;

struct k_mutex {
    void *room[5];
};

struct k_condvar {
    void *room[2];
};

struct k_thread {
    struct {
        uintptr_t start;
        size_t size;
    } stack_info;
};

typedef long atomic_t;
bool atomic_cas(atomic_t *target, long old, long new);
long atomic_get(const atomic_t *target);
long atomic_set(atomic_t *target, long value);

int k_mutex_init(struct k_mutex *mutex);
int k_mutex_lock(struct k_mutex *mutex, k_timeout_t timeout);
int k_mutex_unlock(struct k_mutex *mutex);
int k_condvar_init(struct k_condvar *cond);
int k_condvar_wait(struct k_condvar *cond, struct k_mutex *mutex, k_timeout_t timeout);
int k_condvar_signal(struct k_condvar *cond);
int k_condvar_broadcast(struct k_condvar *cond);

#define K_LOWEST_APPLICATION_THREAD_PRIO 14
struct k_thread *k_current_get(void);
void k_thread_priority_set(struct k_thread *thread, int priority);
int k_thread_stack_space_get(const struct k_thread *thread, size_t *unused);
void k_thread_foreach_unlocked(void (*look)(const struct k_thread *thread, void *argument), void *argument);

#endif
