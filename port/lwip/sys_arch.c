/* What lwIP stands on (doc/sys_arch.txt): semaphores, mailboxes, a thread, a clock, of port.h's threads and locks.
 * Any thread. All memory is static: a mailbox comes from a pool as large as lwIP's own pool of what has one. */
#include <stdbool.h>
#include <string.h>

#include "bobbin/error.h"
#include "lwip/memp.h"
#include "lwip/sys.h"
#include "os.h"
#include "pools.h"
#include "port.h"

/* -- semaphores -- */

err_t sys_sem_new(sys_sem_t *sem, u8_t count)
{
    if (port_mutex_init(&sem->mutex) < 0)
        return ERR_MEM;
    if (port_cond_init(&sem->raised) < 0) {
        port_mutex_destroy(&sem->mutex);
        return ERR_MEM;
    }
    sem->count = count;
    sem->valid = 1;
    return ERR_OK;
}

void sys_sem_free(sys_sem_t *sem)
{
    port_cond_destroy(&sem->raised);
    port_mutex_destroy(&sem->mutex);
    sem->valid = 0;
}

void sys_sem_signal(sys_sem_t *sem)
{
    port_mutex_lock(&sem->mutex);
    sem->count++;
    port_cond_signal(&sem->raised);
    port_mutex_unlock(&sem->mutex);
}

/* lwIP's 0 means for ever. */
static uint64_t deadline_of(u32_t timeout_ms)
{
    return timeout_ms == 0 ? PORT_NEVER : port_clock_ms() + timeout_ms;
}

/* lwIP wants the time that passed; nothing reads more of it than whether it is SYS_ARCH_TIMEOUT. */
u32_t sys_arch_sem_wait(sys_sem_t *sem, u32_t timeout_ms)
{
    uint64_t deadline = deadline_of(timeout_ms);
    int error = 0;
    port_mutex_lock(&sem->mutex);
    while (sem->count == 0 && error == 0)
        error = port_cond_wait(&sem->raised, &sem->mutex, deadline);
    bool raised = sem->count > 0;
    if (raised)
        sem->count--;
    port_mutex_unlock(&sem->mutex);
    return raised ? 0 : SYS_ARCH_TIMEOUT;
}

/* -- mutexes -- */

err_t sys_mutex_new(sys_mutex_t *mutex)
{
    return port_mutex_init(mutex) < 0 ? ERR_MEM : ERR_OK;
}

void sys_mutex_free(sys_mutex_t *mutex)
{
    port_mutex_destroy(mutex);
}

void sys_mutex_lock(sys_mutex_t *mutex)
{
    port_mutex_lock(mutex);
}

void sys_mutex_unlock(sys_mutex_t *mutex)
{
    port_mutex_unlock(mutex);
}

/* -- mailboxes -- */

struct sys_mbox {
    struct port_mutex mutex;
    struct port_cond changed;
    const struct memp_desc *pool;
    unsigned size, first, count;
    void *messages[];
};

#define BOX_BYTES(size) (sizeof(struct sys_mbox) + (size) * sizeof(void *))
LWIP_MEMPOOL_DECLARE(small_boxes, MEMP_NUM_NETCONN, BOX_BYTES(BOX_SMALL), "boxes of connections")
LWIP_MEMPOOL_DECLARE(large_boxes, BOBBIN_LWIP_LISTENERS + 1, BOX_BYTES(BOX_LARGE), "boxes of listeners")

err_t sys_mbox_new(sys_mbox_t *mbox, int size)
{
    const struct memp_desc *pool = size <= BOX_SMALL ? &memp_small_boxes : &memp_large_boxes;
    struct sys_mbox *box = size <= BOX_LARGE ? memp_malloc_pool(pool) : NULL;
    if (box == NULL)
        return ERR_MEM;
    memset(box, 0, sizeof *box);
    box->pool = pool;
    box->size = (unsigned)size;
    if (port_mutex_init(&box->mutex) < 0)
        goto no_mutex;
    if (port_cond_init(&box->changed) < 0)
        goto no_cond;
    *mbox = box;
    return ERR_OK;

no_cond:
    port_mutex_destroy(&box->mutex);
no_mutex:
    memp_free_pool(pool, box);
    return ERR_MEM;
}

void sys_mbox_free(sys_mbox_t *mbox)
{
    port_cond_destroy(&(*mbox)->changed);
    port_mutex_destroy(&(*mbox)->mutex);
    memp_free_pool((*mbox)->pool, *mbox);
}

/* Under the mutex, with room. One message wakes one who waits: two messages and one wake-up would leave a thread in
 * accept for ever. */
static void put(struct sys_mbox *box, void *message)
{
    box->messages[(box->first + box->count) % box->size] = message;
    box->count++;
    port_cond_signal(&box->changed);
}

/* Whether it would say again what nobody has read yet. lwIP tells the accept mailbox by one and the same message of
 * each SYN that found no memory: a flood of them must leave room for the clients. Half of the box is without this. */
static bool is_repeated(const struct sys_mbox *box, const void *message)
{
    return box->count > box->size / 2 && box->messages[(box->first + box->count - 1) % box->size] == message;
}

err_t sys_mbox_trypost(sys_mbox_t *mbox, void *message)
{
    struct sys_mbox *box = *mbox;
    port_mutex_lock(&box->mutex);
    bool full = box->count == box->size, repeated = !full && is_repeated(box, message);
    if (!full && !repeated)
        put(box, message);
    port_mutex_unlock(&box->mutex);
    return full ? ERR_MEM : ERR_OK;
}

err_t sys_mbox_trypost_fromisr(sys_mbox_t *mbox, void *message)
{
    (void)mbox;
    (void)message;
    return ERR_MEM; /* drivers hand frames over on threads of their own */
}

void sys_mbox_post(sys_mbox_t *mbox, void *message)
{
    struct sys_mbox *box = *mbox;
    port_mutex_lock(&box->mutex);
    while (box->count == box->size)
        port_cond_wait(&box->changed, &box->mutex, PORT_NEVER);
    put(box, message);
    port_mutex_unlock(&box->mutex);
}

/* Under the mutex, with a message there. */
static void take(struct sys_mbox *box, void **message)
{
    if (message != NULL)
        *message = box->messages[box->first];
    box->first = (box->first + 1) % box->size;
    if (box->count-- == box->size)
        port_cond_broadcast(&box->changed); /* who waits with a message to post waits among those who fetch */
}

u32_t sys_arch_mbox_fetch(sys_mbox_t *mbox, void **message, u32_t timeout_ms)
{
    struct sys_mbox *box = *mbox;
    uint64_t deadline = deadline_of(timeout_ms);
    int error = 0;
    port_mutex_lock(&box->mutex);
    while (box->count == 0 && error == 0)
        error = port_cond_wait(&box->changed, &box->mutex, deadline);
    bool there = box->count > 0;
    if (there)
        take(box, message);
    else if (message != NULL)
        *message = NULL;
    port_mutex_unlock(&box->mutex);
    return there ? 0 : SYS_ARCH_TIMEOUT;
}

u32_t sys_arch_mbox_tryfetch(sys_mbox_t *mbox, void **message)
{
    struct sys_mbox *box = *mbox;
    port_mutex_lock(&box->mutex);
    bool there = box->count > 0;
    if (there)
        take(box, message);
    port_mutex_unlock(&box->mutex);
    return there ? 0 : SYS_MBOX_EMPTY;
}

/* -- threads -- */

/* What each thread that calls lwIP has. */
struct note {
    struct sys_sem sem;
    int error;
    bool taken;
};

static struct note notes[SYS_ARCH_THREADS];

static struct note *take_note(void)
{
    struct note *free_one = NULL;
    os_protect();
    for (size_t i = 0; i < SYS_ARCH_THREADS && free_one == NULL; i++) {
        if (!notes[i].taken)
            free_one = &notes[i];
    }
    if (free_one != NULL)
        free_one->taken = true;
    os_unprotect();
    return free_one;
}

static struct note *note_of_thread(void)
{
    struct note *note = os_thread_note();
    if (note != NULL)
        return note;
    note = take_note();
    if (note == NULL || sys_sem_new(&note->sem, 0) != ERR_OK)
        sys_arch_assert_failed("more threads call lwIP than SYS_ARCH_THREADS");
    note->error = 0;
    os_thread_set_note(note);
    return note;
}

void sys_arch_thread_ends(void *ended)
{
    struct note *note = ended;
    sys_sem_free(&note->sem);
    os_protect();
    note->taken = false;
    os_unprotect();
}

struct sys_sem *sys_arch_thread_sem(void)
{
    return &note_of_thread()->sem;
}

void sys_arch_set_error(int number)
{
    if (number != 0)
        note_of_thread()->error = number;
}

int sys_arch_error(void)
{
    return note_of_thread()->error;
}

/* lwIP starts one thread, for its timers, and never ends it. */
static _Alignas(SYS_ARCH_STACK_ALIGN) char timers_stack[TCPIP_THREAD_STACKSIZE];
static struct port_thread timers_thread;

sys_thread_t sys_thread_new(const char *name, lwip_thread_fn entry, void *argument, int stack_bytes, int priority)
{
    (void)name;
    (void)priority;
    if (stack_bytes != (int)sizeof timers_stack)
        sys_arch_assert_failed("a thread without a stack");
    port_stack_paint(timers_stack, sizeof timers_stack);
    if (port_thread_start(&timers_thread, entry, argument, timers_stack, sizeof timers_stack) < 0)
        sys_arch_assert_failed("the thread of lwIP's timers does not start: TCPIP_THREAD_STACKSIZE");
    return 0;
}

size_t sys_arch_timers_peak(void)
{
    return port_stack_peak(timers_stack, sizeof timers_stack);
}

/* -- the rest -- */

void sys_init(void)
{
    LWIP_MEMPOOL_INIT(small_boxes);
    LWIP_MEMPOOL_INIT(large_boxes);
}

u32_t sys_now(void)
{
    return (u32_t)port_clock_ms();
}

sys_prot_t sys_arch_protect(void)
{
    os_protect();
    return 0;
}

void sys_arch_unprotect(sys_prot_t before)
{
    (void)before;
    os_unprotect();
}

/* lwIP 2.1 and 2.2 hold of each connection that is dropped what is true only of those that were accepted: when a
 * listener ends whose clients nobody took, and when its mailbox is full. To drop them is right. */
static const char wrong[] = "netconn marked closed";

void sys_arch_assert_failed(const char *what)
{
    if (strcmp(what, wrong) == 0)
        return;
    port_log(PORT_LOG_ERROR, what, strlen(what));
    os_halt();
}
