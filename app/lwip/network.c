/* The network of bobbin-lwip: lwIP on a TAP device, with an address that is given or asked for. Main thread. */
#include "network.h"

#include <errno.h>
#include <string.h>

#include "bobbin/error.h"
#include "lwip_stack.h"
#include "name.h"
#include "network_lwip.h"
#include "say.h"
#include "tap.h"
#include "texts.h"
#include "why.h"

#define PATIENCE_MS 10000 /* without an address before somebody is told */
#define SETTLE_MS   2000  /* at the end, for what peers have not confirmed yet */

#define MAKE_DEVICE                                                                                                  \
    "Make it (as root), for you and with an address for this machine:\n"                                             \
    "  ip tuntap add %s mode tap user $USER\n"                                                                       \
    "  ip addr add 10.0.0.1/24 dev %s\n"                                                                             \
    "  ip link set %s up\n"

static struct tap tap; /* the driver's, as long as the program */
static char label[LABEL_BYTES + 1];
static bool announced;

/* -- options -- */

static int refuse(const char *option, const char *text, const char *takes)
{
    say_error("--%s: '%s' is none; it takes %s\n", option, text, takes);
    return EXIT_USAGE;
}

static void to_lwip(const uint8_t ip[4], ip4_addr_t *address)
{
    IP4_ADDR(address, ip[0], ip[1], ip[2], ip[3]);
}

static int read_address(const struct options *options, struct lwip_stack_config *config)
{
    uint8_t ip[4], mask[4], gateway[4] = {0};

    if (options->address == NULL)
        return options->gateway != NULL ? options_complain("only with --address goes", "--gateway") : EXIT_OK;
    if (!text_to_host(options->address, ip, mask))
        return refuse("address", options->address, "a host's address and its network's bits, such as 10.0.0.2/24");
    if (options->gateway != NULL && !text_to_ip4(options->gateway, gateway))
        return refuse("gateway", options->gateway, "an IPv4 address, such as 10.0.0.1");
    to_lwip(ip, &config->address);
    to_lwip(mask, &config->mask);
    to_lwip(gateway, &config->gateway);
    if (options->gateway != NULL && !ip4_addr_netcmp(&config->address, &config->gateway, &config->mask))
        return refuse("gateway", options->gateway, "an address of the network of --address");
    return EXIT_OK;
}

static int read_mac(const struct options *options, const char *device)
{
    if (options->mac == NULL)
        tap_device_mac(device, tap.mac);
    else if (!text_to_mac(options->mac, tap.mac))
        return refuse("mac", options->mac, "an Ethernet address of one station, such as 02:00:5e:10:00:01");
    return EXIT_OK;
}

/* -- the device -- */

static int open_device(const char *device)
{
    enum tap_error error = tap_device_open(device, &tap.fd);

    switch (error) {
    case TAP_OK:
        if (!tap_device_is_up(device)) {
            say_error("%s is down: until it is up nothing gets through\n", device);
            say_advice("Switch it on: ip link set %s up\n", device);
        }
        return EXIT_OK;
    case TAP_NO_TUN:
        say_error("this system has no TAP devices: there is no /dev/net/tun\n");
        say_advice("Load the driver (modprobe tun), or let the container have the device.\n");
        break;
    case TAP_TUN_DENIED:
        say_error("no permission for /dev/net/tun\n");
        break;
    case TAP_NO_DEVICE:
        say_error("there is no TAP device %s\n", device);
        say_advice(MAKE_DEVICE, device, device, device);
        break;
    case TAP_DENIED:
        say_error("no permission for the TAP device %s: it is another user's\n", device);
        say_advice("Make it for you: ip tuntap add %s mode tap user $USER\n", device);
        break;
    case TAP_IN_USE:
        say_error("the TAP device %s is in use by another program\n", device);
        break;
    case TAP_NOT_TAP:
        say_error("%s is no TAP device\n", device);
        break;
    case TAP_FAILED:
        say_error("cannot open the TAP device %s: %s\n", device, why_text(errno));
        break;
    }
    return EXIT_FAILED;
}

/* A device may be switched on before its router is, so it goes on asking. */
static void wait_for_address(const char *device)
{
    if (lwip_stack_wait(port_clock_ms() + PATIENCE_MS) == 0)
        return;
    say_error("no DHCP server has answered on %s for %u s; still asking\n", device, PATIENCE_MS / 1000u);
    say_advice("Without one, give it an address: --address 10.0.0.2/24\n");
    while (lwip_stack_wait(PORT_NEVER) != 0)
        ;
}

int network_start(const struct options *options)
{
    const char *device = options->tap != NULL ? options->tap : "tap0";
    struct lwip_stack_config config = {.driver = tap_netif, .driver_state = &tap, .name = label};
    int status = read_address(options, &config);

    if (status == EXIT_OK)
        status = read_mac(options, device);
    if (status == EXIT_OK)
        status = open_device(device);
    if (status != EXIT_OK)
        return status;
    text_to_label(name_find(options->name), label);
    if (lwip_stack_start(&config) != 0) {
        say_error("the IP stack does not start on %s\n", device);
        return EXIT_FAILED;
    }
    wait_for_address(device);
    return EXIT_OK;
}

void network_announce(unsigned port, const char *path)
{
    if (path == NULL)
        return;
    announced = lwip_stack_announce(label, (uint16_t)port, path) == 0;
    if (!announced)
        say_error("cannot tell the network of %s.local\n", label);
}

const char *network_label(void)
{
    return announced ? label : NULL;
}

void network_stop(void)
{
    lwip_stack_settle(port_clock_ms() + SETTLE_MS);
}
