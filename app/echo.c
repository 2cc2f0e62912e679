/* `bobbin echo`: "OK..." and the bytes, to every piece received. Main thread. */
#include "commands.h"
#include "console.h"
#include "run.h"

static const struct run_words words = {.does = "echoes", .invite = "To talk to it:"};

int echo_run(const struct options *options)
{
    struct bobbin_config config;

    bobbin_config_init_echo(&config);
    run_configure(&config, options);

    console_open(!options->quiet);
    if (!options->quiet)
        config.connected = console_connected;
    return run_server(&config, &words, options);
}
