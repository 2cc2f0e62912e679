/* The options of bobbin-lwip: those of bobbin, and what a machine of its own has to be told. */
#include "option_rows.h"

const struct option_row option_rows[] = {
    {"tap", "TAP device that the stack stands on (tap0)", 15, 1, AT(tap), KIND_TEXT, SERVERS, 0},
    {"address", "IPv4 address, 10.0.0.2/24; else asked for (DHCP)", 18, 1, AT(address), KIND_TEXT, SERVERS, 0},
    {"gateway", "IPv4 address of the router, with --address", 15, 1, AT(gateway), KIND_TEXT, SERVERS, 0},
    {"mac", "Ethernet address: 02:00:5e:10:00:01", 17, 1, AT(mac), KIND_TEXT, SERVERS, 0},
#include "options.def"
};

const size_t option_count = sizeof option_rows / sizeof *option_rows;
