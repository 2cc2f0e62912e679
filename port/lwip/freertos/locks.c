/* FreeRTOS: mutexes and conditions, without a heap.
 *
 * A mutex is FreeRTOS's own: whoever holds it has the priority of the most urgent that waits for it. A condition is a
 * list of who waits, each on its own stack, guarded by the shortest of critical sections; they are woken by their
 * tasks' notifications. */
#include "FreeRTOS.h"
#include "bobbin/error.h"
#include "port.h"
#include "semphr.h"
#include "task.h"
#include "threads.h"

_Static_assert(sizeof(StaticSemaphore_t) <= sizeof(struct port_mutex), "port_mutex is too small");
_Static_assert(configUSE_MUTEXES && configSUPPORT_STATIC_ALLOCATION, "mutexes are FreeRTOS's own");

/* -- mutexes -- */

/* FreeRTOS's handle of a static semaphore is its address. */
static SemaphoreHandle_t handle_of(struct port_mutex *mutex)
{
    return (SemaphoreHandle_t)(void *)mutex->room;
}

int port_mutex_init(struct port_mutex *mutex)
{
    return xSemaphoreCreateMutexStatic((void *)mutex->room) != NULL ? 0 : BOBBIN_NO_MEMORY;
}

void port_mutex_destroy(struct port_mutex *mutex)
{
    vSemaphoreDelete(handle_of(mutex));
}

void port_mutex_lock(struct port_mutex *mutex)
{
    while (xSemaphoreTake(handle_of(mutex), portMAX_DELAY) != pdTRUE)
        ; /* what FreeRTOS takes for ever may end */
}

void port_mutex_unlock(struct port_mutex *mutex)
{
    xSemaphoreGive(handle_of(mutex));
}

/* -- conditions -- */

struct waiter {
    struct waiter *next; /* who came later */
    TaskHandle_t task;
    volatile BaseType_t woken;
};

struct cond {
    struct waiter *first;
};

_Static_assert(sizeof(struct cond) <= sizeof(struct port_cond), "port_cond is too small");

static struct cond *cond_of(struct port_cond *cond)
{
    return (struct cond *)(void *)cond->room;
}

int port_cond_init(struct port_cond *cond)
{
    cond_of(cond)->first = NULL;
    return 0;
}

void port_cond_destroy(struct port_cond *cond)
{
    (void)cond;
}

/* In a critical section. */
static void stand_in_line(struct cond *cond, struct waiter *waiter)
{
    struct waiter **place = &cond->first;
    while (*place != NULL)
        place = &(*place)->next;
    *place = waiter;
}

/* In a critical section: who was not woken is still there. */
static void step_out(struct cond *cond, const struct waiter *waiter)
{
    struct waiter **place = &cond->first;
    while (*place != waiter)
        place = &(*place)->next;
    *place = waiter->next;
}

/* Ticks until the deadline, none too few: a tick under way counts for nothing. */
static TickType_t ticks_until(uint64_t deadline)
{
    if (deadline == PORT_NEVER)
        return portMAX_DELAY;
    uint64_t now = port_clock_ms();
    if (deadline <= now)
        return 0;
    uint64_t left_ms = deadline - now;
    if (left_ms > portMAX_DELAY / configTICK_RATE_HZ * 1000 / 2)
        return portMAX_DELAY / 2; /* it is asked again */
    return (TickType_t)((left_ms * configTICK_RATE_HZ + 999) / 1000) + (configTICK_RATE_HZ < 1000 ? 1 : 0);
}

int port_cond_wait(struct port_cond *waited, struct port_mutex *mutex, uint64_t deadline)
{
    struct cond *cond = cond_of(waited);
    struct waiter waiter = {.task = xTaskGetCurrentTaskHandle()};
    TickType_t ticks;
    taskENTER_CRITICAL();
    stand_in_line(cond, &waiter);
    taskEXIT_CRITICAL();
    port_mutex_unlock(mutex);
    /* A notification may be left from a wait that ended by its deadline: `woken` tells. */
    while (!waiter.woken && (ticks = ticks_until(deadline)) > 0)
        ulTaskNotifyTakeIndexed(PORT_NOTIFICATION, pdTRUE, ticks);
    taskENTER_CRITICAL();
    BaseType_t woken = waiter.woken;
    if (!woken)
        step_out(cond, &waiter);
    taskEXIT_CRITICAL();
    port_mutex_lock(mutex);
    return woken ? 0 : BOBBIN_TIMEOUT;
}

/* In a critical section: the one that waits longest. */
static void wake_first(struct cond *cond)
{
    struct waiter *waiter = cond->first;
    TaskHandle_t task = waiter->task;
    cond->first = waiter->next;
    waiter->woken = pdTRUE;
    xTaskNotifyGiveIndexed(task, PORT_NOTIFICATION);
}

void port_cond_signal(struct port_cond *cond)
{
    taskENTER_CRITICAL();
    if (cond_of(cond)->first != NULL)
        wake_first(cond_of(cond));
    taskEXIT_CRITICAL();
}

void port_cond_broadcast(struct port_cond *cond)
{
    taskENTER_CRITICAL();
    while (cond_of(cond)->first != NULL)
        wake_first(cond_of(cond));
    taskEXIT_CRITICAL();
}
