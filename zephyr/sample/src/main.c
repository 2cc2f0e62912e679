/* bobbin on Zephyr: a server at port 1234 of every address. */
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/sys/printk.h>

#include "bobbin/zephyr.h"
#include "sample.h"

LOG_MODULE_REGISTER(sample);
BOBBIN_ZEPHYR_MEMORY(web);

struct bobbin *sample_server;

static int serve(void)
{
    static const char *const addresses[] = {
#ifdef CONFIG_NET_IPV4
        "0.0.0.0",
#endif
#ifdef CONFIG_NET_IPV6
        "::",
#endif
    };
    struct bobbin_config config;

    sample_configure(&config);
    BOBBIN_ZEPHYR_USE(web, &config);
    config.addresses = addresses;
    config.address_count = ARRAY_SIZE(addresses);
    int error = bobbin_open(&sample_server, &config, web_memory, sizeof web_memory, NULL);
    if (error < 0)
        return error;
    error = bobbin_start(sample_server);
    if (error == 0) {
        printk("bobbin serves on port %u\n", bobbin_port(sample_server));
        bobbin_wait(sample_server);
        printk("bobbin stopped\n");
    }
    bobbin_close(sample_server);
    return error;
}

int main(void)
{
    int error;

    do
        error = serve();
    while (error == 0 && IS_ENABLED(CONFIG_SAMPLE_STOP));
    if (error < 0)
        LOG_ERR("bobbin: %s", bobbin_error_text(error));
    return 0;
}
