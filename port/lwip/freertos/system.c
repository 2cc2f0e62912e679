/* FreeRTOS: clocks, the log sink, short sections without interruption, failed assertions. */
#include <string.h>

#include "FreeRTOS.h"
#include "board.h"
#include "os.h"
#include "port.h"
#include "task.h"

_Static_assert(sizeof(TickType_t) == 4, "the clock counts overflows of 32 bits");
_Static_assert(configTICK_RATE_HZ * PORT_LATE_MS >= 1000, "a tick longer than deadlines may be missed by");

/* FreeRTOS counts the overflows of its ticks, and tells both at once. */
uint64_t port_clock_ms(void)
{
    TimeOut_t now;
    vTaskSetTimeOutState(&now);
    uint64_t ticks = ((uint64_t)(uint32_t)now.xOverflowCount << 32 | now.xTimeOnEntering) - configINITIAL_TICK_COUNT;
    if (configTICK_RATE_HZ == 1000)
        return ticks + 1;
    return ticks * 1000 / configTICK_RATE_HZ + 1;
}

int64_t port_wall_clock(void)
{
    return -1; /* nobody tells the time */
}

void port_log(enum port_log_level level, const char *text, size_t length)
{
    static const char *const names[] = {"bobbin: error: ", "bobbin: warning: ", "bobbin: "};
    const char *name = names[level];
    struct port_piece line[] = {{name, strlen(name)}, {text, length}, {"\n", 1}};
    board_write(line, 3);
}

void os_protect(void)
{
    taskENTER_CRITICAL();
}

void os_unprotect(void)
{
    taskEXIT_CRITICAL();
}

void os_halt(void)
{
    board_halt("lwIP found itself broken", "");
}

/* configASSERT of FreeRTOSConfig.h. */
void freertos_assert(const char *file, unsigned line)
{
    char digits[12];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do
        digits[--at] = (char)('0' + line % 10);
    while ((line /= 10) > 0);
    digits[--at] = ' ';
    board_halt(file, digits + at);
}
