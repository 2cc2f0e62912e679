/* What the board's limits cost in RAM, as bobbin_plan computes it where the program runs. Compiled, never linked:
 * the build reads the sizes of these arrays, and needs no emulator to know them. */
#include "client.h"
#include "server.h"

#define ALIGNED(bytes) (((bytes) + 15) / 16 * 16)

char plan_clients[BOBBIN_MAX_CLIENTS];
char plan_stack[ALIGNED(BOBBIN_STACK_BYTES)];
char plan_buffer[ALIGNED(BOBBIN_BUFFER_BYTES)];
char plan_bookkeeping[ALIGNED(sizeof(struct client)) + sizeof(struct slot)];
char plan_server[ALIGNED(sizeof(struct bobbin))];
