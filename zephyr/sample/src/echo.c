/* The echo protocol. */
#include "sample.h"

void sample_configure(struct bobbin_config *config)
{
    config->protocol = BOBBIN_ECHO;
}
