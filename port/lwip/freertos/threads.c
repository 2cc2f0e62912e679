/* FreeRTOS: threads on given stacks, and how deep they were used. Each is a task made by xTaskCreateStatic; its
 * struct lies at the hot end of its stack, so that nothing is needed beside what the caller gave. */
#include "threads.h"


#include "board.h"
#include "bobbin/error.h"
#include "os.h"
#include "port.h"

#define ALIGN 16
/* Registers on a switch take 64 bytes, and FreeRTOS checks the last 16; no function runs in less than this. */
#define LEAST_BYTES 256

/* At the top of the stack. */
struct task {
    StaticTask_t control; /* FreeRTOS's own; its address is the task's handle */
    struct task *next;    /* an older one */
    const char *name;
    char *stack;
};

#define TASK_BYTES ((sizeof(struct task) + ALIGN - 1) / ALIGN * ALIGN)

/* What port_thread holds. */
struct thread {
    struct task *task;
    void (*entry)(void *);
    void *argument;
    void *joiner; /* the task that waits in port_thread_join; NULL: none; `ended` */
};

_Static_assert(sizeof(struct thread) <= sizeof(struct port_thread), "port_thread is too small");
_Static_assert(portSTACK_GROWTH < 0, "the hot end of a stack is its top");
_Static_assert(configNUM_THREAD_LOCAL_STORAGE_POINTERS >= 1, "lwIP's semaphore of each thread needs one pointer");
_Static_assert(INCLUDE_vTaskDelete && INCLUDE_vTaskSuspend && INCLUDE_vTaskPrioritySet, "threads are joined");

static struct task *youngest; /* with the scheduler suspended */
static char ended;            /* its address alone counts */

static struct thread *thread_of(struct port_thread *thread)
{
    return (struct thread *)(void *)thread->room;
}

/* It tells that it is over and runs no more, but does not end itself: only when another task has taken it out of
 * FreeRTOS's lists is its stack surely free. */
static void run(void *argument)
{
    struct thread *thread = argument;
    thread->entry(thread->argument);
    void *note = os_thread_note();
    if (note != NULL)
        sys_arch_thread_ends(note);
    taskENTER_CRITICAL();
    if (thread->joiner != NULL)
        xTaskNotifyGiveIndexed(thread->joiner, PORT_NOTIFICATION);
    thread->joiner = &ended;
    taskEXIT_CRITICAL();
    for (;;)
        vTaskSuspend(NULL);
}

int port_thread_start(struct port_thread *started, void (*entry)(void *), void *argument, void *stack, size_t size)
{
    struct thread *thread = thread_of(started);
    size = size / ALIGN * ALIGN;
    if (size < LEAST_BYTES + TASK_BYTES)
        return BOBBIN_INVALID;
    size -= TASK_BYTES;
    struct task *task = (void *)((char *)stack + size);
    task->name = "client";
    task->stack = stack;
    *thread = (struct thread){.task = task, .entry = entry, .argument = argument};
    vTaskSuspendAll(); /* the thread is on the list before it runs */
    task->next = youngest;
    youngest = task;
    xTaskCreateStatic(run, "", (configSTACK_DEPTH_TYPE)(size / sizeof(StackType_t)), thread, PORT_PRIORITY, stack,
                      &task->control);
    xTaskResumeAll();
    return 0;
}

static void strike_off(const struct task *task)
{
    struct task **place = &youngest;
    while (*place != task)
        place = &(*place)->next;
    *place = task->next;
}

void port_thread_join(struct port_thread *joined)
{
    struct thread *thread = thread_of(joined);
    taskENTER_CRITICAL();
    while (thread->joiner != &ended) {
        thread->joiner = xTaskGetCurrentTaskHandle();
        taskEXIT_CRITICAL();
        ulTaskNotifyTakeIndexed(PORT_NOTIFICATION, pdTRUE, portMAX_DELAY);
        taskENTER_CRITICAL();
    }
    taskEXIT_CRITICAL();
    vTaskSuspendAll();
    strike_off(thread->task);
    xTaskResumeAll();
    vTaskDelete((TaskHandle_t)&thread->task->control); /* another task's, so at once */
}

/* -- what lwIP wants of a thread -- */

void *os_thread_note(void)
{
    return pvTaskGetThreadLocalStoragePointer(NULL, PORT_POINTER);
}

void os_thread_set_note(void *note)
{
    vTaskSetThreadLocalStoragePointer(NULL, PORT_POINTER, note);
}

/* -- names, priorities, reports -- */

void thread_is(const char *name, UBaseType_t priority)
{
    struct task *task = (void *)xTaskGetCurrentTaskHandle(); /* its first member */
    task->name = name;
    vTaskPrioritySet(NULL, priority);
}

int thread_report(size_t index, struct thread_report *report)
{
    vTaskSuspendAll(); /* nobody is joined meanwhile */
    const struct task *task = youngest;
    while (task != NULL && index-- > 0)
        task = task->next;
    if (task != NULL) {
        report->name = task->name;
        report->size = (size_t)((const char *)task + TASK_BYTES - task->stack);
        report->peak = port_stack_peak(task->stack, report->size);
    }
    xTaskResumeAll();
    return task != NULL ? 0 : BOBBIN_NOT_FOUND;
}

/* -- FreeRTOS's idle task -- */

static StaticTask_t idle_control;
static StackType_t idle_stack[configMINIMAL_STACK_SIZE];

void vApplicationGetIdleTaskMemory(StaticTask_t **control, StackType_t **stack, configSTACK_DEPTH_TYPE *words);

void vApplicationGetIdleTaskMemory(StaticTask_t **control, StackType_t **stack, configSTACK_DEPTH_TYPE *words)
{
    *control = &idle_control;
    *stack = idle_stack;
    *words = configMINIMAL_STACK_SIZE;
}

/* FreeRTOS looks at each switch of tasks whether the stack's last bytes are what they were. What lies below them may
 * be anybody's, so nothing can go on. */
void vApplicationStackOverflowHook(TaskHandle_t task, char *name);

void vApplicationStackOverflowHook(TaskHandle_t task, char *name)
{
    (void)name;
    board_halt("the stack overflowed of the thread",
               (void *)task == &idle_control ? "idle" : ((const struct task *)(void *)task)->name);
}

void thread_report_idle(struct thread_report *report)
{
    *report = (struct thread_report){
        .name = "idle", .peak = port_stack_peak(idle_stack, sizeof idle_stack), .size = sizeof idle_stack};
}
