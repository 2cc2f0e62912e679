/* FreeRTOS on this board: no heap, mutexes with priority inheritance, stacks that are checked. */
#ifndef FREERTOS_CONFIG_H
#define FREERTOS_CONFIG_H

#define configCPU_CLOCK_HZ 25000000
#define configTICK_RATE_HZ 1000

#define configUSE_PREEMPTION                    1
#define configUSE_TIME_SLICING                  1
#define configUSE_PORT_OPTIMISED_TASK_SELECTION 1
#define configMAX_PRIORITIES                    4  /* idle; main and clients; lwIP; the network card */
#define configMINIMAL_STACK_SIZE                64 /* in words: of the idle task alone */
#define configSTACK_DEPTH_TYPE                  uint32_t
#define configMAX_TASK_NAME_LEN                 1 /* port/lwip/freertos/threads.c keeps the names */
#define configUSE_16_BIT_TICKS                  0
#define configUSE_IDLE_HOOK                     0
#define configUSE_TICK_HOOK                     0

/* The ticks overflow half a minute after the start: what cannot bear it shows at once, not after seven weeks. */
#define configINITIAL_TICK_COUNT ((uint32_t)0 - 30 * configTICK_RATE_HZ)

#define configSUPPORT_STATIC_ALLOCATION  1
#define configSUPPORT_DYNAMIC_ALLOCATION 0

#define configUSE_TASK_NOTIFICATIONS            1
#define configTASK_NOTIFICATION_ARRAY_ENTRIES   2 /* the last is the port's, the first everybody's */
#define configNUM_THREAD_LOCAL_STORAGE_POINTERS 1 /* the last is the port's */
#define configUSE_MUTEXES                       1
#define configUSE_TIMERS                        0
#define configUSE_CO_ROUTINES                   0

#define INCLUDE_vTaskDelay       1 /* for handlers: they may wait as they like */
#define INCLUDE_vTaskDelete      1
#define INCLUDE_vTaskSuspend     1
#define INCLUDE_vTaskPrioritySet 1

/* The Cortex-M3 of this board has three bits of priority, the highest ones. What FreeRTOS may be called from is 5 and
 * later; the rest is never held up by it, and the board has none of that. */
#define configKERNEL_INTERRUPT_PRIORITY      (7 << 5)
#define configMAX_SYSCALL_INTERRUPT_PRIORITY (5 << 5)

#define vPortSVCHandler     SVC_Handler
#define xPortPendSVHandler  PendSV_Handler
#define xPortSysTickHandler SysTick_Handler

#define configCHECK_FOR_STACK_OVERFLOW 2
_Noreturn void freertos_assert(const char *file, unsigned line);
#define configASSERT(truth)                                                                                          \
    do                                                                                                               \
        if (!(truth))                                                                                                \
            freertos_assert(__FILE__, __LINE__);                                                                     \
    while (0)

#endif
