/* The echo protocol. */
#include "sample.h"

void sample_configure(struct bobbin_config *config)
{
    bobbin_config_init_echo(config);
}
