/* The server of these tests, and its clients, on one lwIP. */
#include "house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bobbin/bobbin.h"
#include "lwip/sockets.h"
#include "mirror.h"
#include "test_stack.h"

#define CLIENTS 4

/* -- the server -- */

static struct {
    struct port_mutex mutex;
    struct port_cond changed;
    unsigned inside; /* handlers that wait */
    bool open;
} gate;

static int hello(struct bobbin_exchange *x, void *context)
{
    (void)context;
    return bobbin_reply_text(x, "hello\n");
}

/* Waits, and then answers with the body. */
static int wait_and_echo(struct bobbin_exchange *x, void *context)
{
    char body[256];
    size_t length = 0;
    int got;
    (void)context;
    port_mutex_lock(&gate.mutex);
    gate.inside++;
    port_cond_broadcast(&gate.changed);
    while (!gate.open)
        port_cond_wait(&gate.changed, &gate.mutex, PORT_NEVER);
    gate.inside--;
    port_mutex_unlock(&gate.mutex);
    while ((got = bobbin_read(x, body + length, sizeof body - length)) > 0)
        length += (size_t)got;
    return got < 0 ? got : bobbin_reply(x, "text/plain", body, length);
}

void house_close_gate(void)
{
    port_mutex_lock(&gate.mutex);
    gate.open = false;
    port_mutex_unlock(&gate.mutex);
}

void house_wait_inside(unsigned count)
{
    port_mutex_lock(&gate.mutex);
    while (gate.inside < count)
        port_cond_wait(&gate.changed, &gate.mutex, PORT_NEVER);
    port_mutex_unlock(&gate.mutex);
}

void house_open_gate(void)
{
    port_mutex_lock(&gate.mutex);
    gate.open = true;
    port_cond_broadcast(&gate.changed);
    port_mutex_unlock(&gate.mutex);
}

static _Alignas(16) char memory[BOBBIN_MEMORY_BYTES(CLIENTS, BOBBIN_TEST_STACK, 1024)];
static struct bobbin *server;

uint16_t house_port(void)
{
    return bobbin_port(server);
}

int house_start(void **state)
{
    static const struct bobbin_route routes[] = {
        {.pattern = "/hello", .methods = BOBBIN_GET, .handler = hello},
        {.pattern = "/gate", .methods = BOBBIN_GET | BOBBIN_POST, .handler = wait_and_echo},
    };
    struct bobbin_config config;
    (void)state;
    mirror_start();
    assert_int_equal(port_mutex_init(&gate.mutex), 0);
    assert_int_equal(port_cond_init(&gate.changed), 0);
    bobbin_config_init(&config);
    config.routes = routes;
    config.route_count = sizeof routes / sizeof *routes;
    config.port = 0;
    config.max_clients = CLIENTS;
    config.per_address = 0;
    config.stack_bytes = BOBBIN_TEST_STACK;
    config.buffer_bytes = 1024;
    assert_int_equal(bobbin_open(&server, &config, memory, sizeof memory, NULL), 0);
    return bobbin_start(server);
}

int house_stop(void **state)
{
    (void)state;
    bobbin_stop(server);
    bobbin_wait(server);
    bobbin_close(server);
    return 0;
}

/* -- a client -- */

int house_client(void)
{
    int number = lwip_socket(AF_INET, SOCK_STREAM, 0), on = 1;
    assert_true(number >= 0);
    lwip_setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return number;
}

static struct sockaddr_in address_of(uint16_t port)
{
    struct sockaddr_in to = {.sin_len = sizeof to, .sin_family = AF_INET, .sin_port = lwip_htons(port)};
    to.sin_addr.s_addr = ipaddr_addr(MIRROR_PEER);
    return to;
}

int house_connect(int number, uint16_t port)
{
    struct sockaddr_in to = address_of(port);
    return lwip_connect(number, (struct sockaddr *)&to, sizeof to);
}

void house_say(int number, const char *text)
{
    assert_int_equal(lwip_send(number, text, strlen(text), 0), strlen(text));
}

/* A reply, up to the end of the body that it should have. */
void house_expect(int number, const char *body)
{
    char reply[1024];
    size_t length = 0;
    while (length < sizeof reply - 1) {
        ssize_t got = lwip_recv(number, reply + length, sizeof reply - 1 - length, 0);
        assert_true(got > 0);
        length += (size_t)got;
        reply[length] = '\0';
        if (length > strlen(body) && strcmp(reply + length - strlen(body), body) == 0)
            break;
    }
    assert_memory_equal(reply, "HTTP/1.1 200 OK\r\n", 17);
}

void house_check_hello(void)
{
    int client = house_client();
    assert_int_equal(house_connect(client, house_port()), 0);
    house_say(client, REQUEST("/hello"));
    house_expect(client, "hello\n");
    lwip_close(client);
}
