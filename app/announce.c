/* The lines that tell at start where the server is and what memory it has. Main thread, stdout. */
#include "announce.h"

#include <string.h>

#include "interfaces.h"
#include "say.h"
#include "values.h"

static void print_place(const struct bobbin_peer *place, const void *context)
{
    const struct run_words *words = context;

    if (words->path != NULL)
        say("  http://%s%s\n", place->text, words->path);
    else
        say("  bobbin connect %.*s %s\n", (int)place->address_length, place->text + place->address_start,
            strrchr(place->text, ':') + 1);
}

static void print_everywhere(const struct run_words *words, uint16_t port, bool ip4, bool ip6)
{
    struct bobbin_peer here = {.text = "localhost:", .address_length = 9};
    size_t count = 0;

    if (ip4)
        count += interfaces_list(4, port, print_place, words);
    if (ip6)
        count += interfaces_list(6, port, print_place, words);
    if (count == 0) {
        value_print_number(port, strchr(here.text, '\0'));
        print_place(&here, words);
    }
}

static void print_memory(const struct bobbin_config *config, const struct bobbin_plan *plan)
{
    char stack[VALUE_TEXT], buffer[VALUE_TEXT], bookkeeping[VALUE_TEXT], server[VALUE_TEXT], total[VALUE_TEXT];

    value_print_bytes(plan->stack_bytes, stack);
    value_print_bytes(plan->buffer_bytes, buffer);
    value_print_bytes(plan->bookkeeping_bytes, bookkeeping);
    value_print_bytes(plan->server_bytes, server);
    value_print_bytes(plan->total_bytes, total);
    say("Memory: %u client%s x (%s stack + %s buffer + %s bookkeeping) + 1 at the door + %s server = %s\n",
        config->max_clients, config->max_clients == 1 ? "" : "s", stack, buffer, bookkeeping, server, total);
}

void announce(const struct bobbin *server, const struct bobbin_config *config, const struct bobbin_plan *plan,
              const struct run_words *words)
{
    size_t count = config->socket_count != 0 ? config->socket_count : config->address_count;
    struct bobbin_peer address;

    say("bobbin " BOBBIN_VERSION " %s on port %u. %s\n", words->does, bobbin_port(server), words->invite);
    if (count == 0)
        print_everywhere(words, (uint16_t)bobbin_port(server), true, true);
    for (size_t i = 0; i < count && bobbin_address(server, i, &address) == BOBBIN_OK; i++) {
        bool any6 = strncmp(address.text, "[::]:", 5) == 0;
        uint64_t port = 0;

        (void)value_number(strrchr(address.text, ':') + 1, &port);
        if (any6 || strncmp(address.text, "0.0.0.0:", 8) == 0)
            print_everywhere(words, (uint16_t)port, !any6 || config->socket_count != 0, any6);
        else
            print_place(&address, words);
    }
    print_memory(config, plan);
}
