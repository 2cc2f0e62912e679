/* Zephyr: the log sink is its logging, module "bobbin", level CONFIG_BOBBIN_LOG_LEVEL. */
#include <string.h>

#include <zephyr/logging/log.h>

#include "port.h"

LOG_MODULE_REGISTER(bobbin, CONFIG_BOBBIN_LOG_LEVEL);

#define LINE 96 /* what is longer is cut: this is on a client's stack */

void port_log(enum port_log_level level, const char *text, size_t length)
{
    char line[LINE];
    if (length > LINE - 1)
        length = LINE - 1;
    memcpy(line, text, length);
    line[length] = '\0';
    if (level == PORT_LOG_ERROR)
        LOG_ERR("%s", line);
    else if (level == PORT_LOG_WARNING)
        LOG_WRN("%s", line);
    else
        LOG_INF("%s", line);
}
