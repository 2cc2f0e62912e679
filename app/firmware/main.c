/* The firmware: bobbin on a device that has FreeRTOS, lwIP and a network card. It serves what `bobbin serve` does
 * without a folder, and echoes as `bobbin echo` does. All memory is static. */
#include <stdint.h>
#include <string.h>

#include "FreeRTOS.h"
#include "board.h"
#include "bobbin/bobbin.h"
#include "bobbin/pages.h"
#include "handlers.h"
#include "lwip/tcpip.h"
#include "lwip_stack.h"
#include "say.h"
#include "status.h"
#include "task.h"
#include "threads.h"
#include "www.h"

/* Above the network card and the clients: what is late for lwIP's timers is late for everybody. */
#define TIMERS_PRIORITY (configMAX_PRIORITIES - 1)

/* The page's script writes it into the page. */
static char name[] = BOBBIN_FIRMWARE_NAME;

static const char *const echo_fields[] = {"Content-Type", NULL};
static const struct bobbin_route routes[] = {
    {.pattern = "/hello", .methods = BOBBIN_GET, .handler = handle_hello},
    {.pattern = "/healthz", .methods = BOBBIN_GET, .handler = handle_healthz},
    {.pattern = "/name", .methods = BOBBIN_GET, .handler = handle_name, .context = name},
    {.pattern = "/status", .methods = BOBBIN_GET, .handler = handle_status},
    {.pattern = "/echo",
     .methods = BOBBIN_POST | BOBBIN_PUT,
     .handler = handle_echo,
     .fields = echo_fields,
     .max_body = BOBBIN_UNLIMITED},
    {.pattern = "/*",
     .methods = BOBBIN_GET,
     .handler = bobbin_serve_pages,
     .context = (void *)(uintptr_t)&www,
     .fields = bobbin_content_fields},
};

static _Alignas(16) char server_memory[BOBBIN_MEMORY_BYTES(BOBBIN_MAX_CLIENTS, BOBBIN_STACK_BYTES,
                                                           BOBBIN_BUFFER_BYTES)];
static _Alignas(16) char echo_memory[BOBBIN_MEMORY_BYTES(BOBBIN_FIRMWARE_ECHO_CLIENTS, BOBBIN_STACK_BYTES,
                                                         BOBBIN_FIRMWARE_ECHO_BUFFER)];
static _Alignas(16) char main_stack[BOBBIN_FIRMWARE_MAIN_STACK];
static struct port_thread main_thread;

_Static_assert(BOBBIN_LWIP_CLIENTS >= BOBBIN_MAX_CLIENTS + 1 + BOBBIN_FIRMWARE_ECHO_CLIENTS + 1,
               "BOBBIN_LWIP_CLIENTS counts the threads of both servers");

static struct bobbin *open_server(const struct bobbin_config *config, void *memory, size_t bytes)
{
    struct bobbin *server;
    int error = bobbin_open(&server, config, memory, bytes, NULL);
    if (error == 0)
        error = bobbin_start(server);
    if (error < 0)
        board_halt("a server does not start:", bobbin_error_text(error));
    return server;
}

static struct bobbin *serve(void)
{
    static struct bobbin_config config;
    bobbin_config_init(&config);
    config.routes = routes;
    config.route_count = sizeof routes / sizeof *routes;
    config.backlog = BOBBIN_LWIP_BACKLOG;
    config.per_address = 0; /* one browser on one machine may have them all: there are few */
    config.connected = say_connected;
    config.finished = say_finished;
    struct bobbin *server = open_server(&config, server_memory, sizeof server_memory);
    say_where(server, "serves", "/hello");
    say_memory(&config);
    return server;
}

static void echo(void)
{
    static struct bobbin_config config;
    bobbin_config_init_echo(&config);
    config.port = BOBBIN_FIRMWARE_ECHO_PORT;
    config.backlog = BOBBIN_LWIP_BACKLOG;
    config.max_clients = BOBBIN_FIRMWARE_ECHO_CLIENTS;
    config.per_address = 0;
    config.buffer_bytes = BOBBIN_FIRMWARE_ECHO_BUFFER;
    config.connected = say_connected;
    say_where(open_server(&config, echo_memory, sizeof echo_memory), "echoes", NULL);
}

/* On lwIP's own thread. */
static void name_timers(void *unused)
{
    (void)unused;
    thread_is("timers", TIMERS_PRIORITY);
}

static void start_network(void)
{
    struct lwip_stack_config config = {.driver = board_network_card, .name = name};
#ifdef BOBBIN_FIRMWARE_ADDRESS
    static const u8_t address[] = {BOBBIN_FIRMWARE_ADDRESS}, mask[] = {BOBBIN_FIRMWARE_MASK},
                      gateway[] = {BOBBIN_FIRMWARE_GATEWAY};
    memcpy(&config.address, address, sizeof address); /* both in network order */
    memcpy(&config.mask, mask, sizeof mask);
    memcpy(&config.gateway, gateway, sizeof gateway);
#endif
    int error = lwip_stack_start(&config);
    if (error < 0)
        board_halt("the network does not start:", bobbin_error_text(error));
    tcpip_callback(name_timers, NULL);
    if (lwip_stack_wait(port_clock_ms() + 3000) < 0) {
        struct line *line = say_begin();
        line_text(line, "bobbin waits for an address by DHCP");
        say_end(line);
        lwip_stack_wait(PORT_NEVER);
    }
}

static void run(void *unused)
{
    (void)unused;
    thread_is("main", PORT_PRIORITY);
    say_open();
    start_network();
    struct bobbin *server = serve();
    echo();
    bobbin_wait(server);
    board_halt("the server ended", "");
}

int main(void)
{
    if (port_thread_start(&main_thread, run, NULL, main_stack, sizeof main_stack) < 0)
        board_halt("the main thread does not start", "");
    vTaskStartScheduler();
}
