/* A server's memory as Zephyr wants it: static, its stacks made by Zephyr's own macro.
 *
 *     BOBBIN_ZEPHYR_MEMORY(web);                            // of the sizes that Kconfig tells
 *
 *     struct bobbin_config config;
 *     bobbin_config_init(&config);                          // or bobbin_config_init_echo
 *     BOBBIN_ZEPHYR_USE(web, &config);                      // these stacks, and what else Kconfig tells
 *     bobbin_open(&server, &config, web_memory, sizeof web_memory, NULL);
 */
#ifndef BOBBIN_ZEPHYR_H
#define BOBBIN_ZEPHYR_H

#include <zephyr/kernel.h>

#include "bobbin/bobbin.h"

/* At file scope: name_stacks and name_memory, of CONFIG_BOBBIN_MAX_CLIENTS and the one at the door. */
#define BOBBIN_ZEPHYR_MEMORY(name)                                                                                   \
    static K_THREAD_STACK_ARRAY_DEFINE(name##_stacks, CONFIG_BOBBIN_MAX_CLIENTS + 1,                                 \
                                       CONFIG_BOBBIN_CLIENT_STACK_SIZE);                                             \
    static char                                                                                                      \
        name##_memory[BOBBIN_MEMORY_BYTES(CONFIG_BOBBIN_MAX_CLIENTS, 0, CONFIG_BOBBIN_BUFFER_SIZE)] __aligned(16)

#define BOBBIN_ZEPHYR_USE(name, config)                                                                              \
    ((config)->stacks = name##_stacks, (config)->stack_stride = sizeof name##_stacks[0],                             \
     (config)->stack_bytes = K_THREAD_STACK_SIZEOF(name##_stacks[0]),                                                \
     (config)->paint_stacks = IS_ENABLED(CONFIG_BOBBIN_STACK_PEAKS),                                                 \
     (config)->per_address = CONFIG_BOBBIN_PER_ADDRESS != 0 ? CONFIG_BOBBIN_PER_ADDRESS : (config)->per_address)

#endif
