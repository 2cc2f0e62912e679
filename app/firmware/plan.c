/* What of the servers' memory is stacks, and what buffers. Compiled, never linked: the build reads the sizes of these
 * arrays. */
#include "bobbin/config.h"

char plan_stacks[(BOBBIN_MAX_CLIENTS + 1 + BOBBIN_FIRMWARE_ECHO_CLIENTS + 1) * BOBBIN_STACK_BYTES];
char plan_buffers[(BOBBIN_MAX_CLIENTS + 1) * BOBBIN_BUFFER_BYTES +
                  (BOBBIN_FIRMWARE_ECHO_CLIENTS + 1) * BOBBIN_FIRMWARE_ECHO_BUFFER];
