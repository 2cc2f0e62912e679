/* As far as Zephyr 3.4 has it and the port uses it: no pthread_sigmask, no clocks of conditions. */
#ifndef STUB_PTHREAD_H
#define STUB_PTHREAD_H

#include <sys/types.h>

typedef uint32_t pthread_t;
typedef struct {
    int room[8];
} pthread_attr_t;

int pthread_attr_init(pthread_attr_t *attributes);
int pthread_attr_setstack(pthread_attr_t *attributes, void *stack, size_t size);
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*entry)(void *), void *argument);
int pthread_join(pthread_t thread, void **status);

#endif
