/* port_listen and port_local_address: where a listener stands, and where none can. */
#include <string.h>

#include "contract.h"

static const uint8_t loopback4[16] = {127, 0, 0, 1};
static const uint8_t loopback6[16] = {[15] = 1};

/* One client connects to `to`; what port_accept tells of it must be what the client knows of itself. */
static void check_visit(const struct port_socket *listener, const struct port_address *to, const uint8_t ip[16])
{
    struct port_address from, peer;
    struct port_socket server;
    intptr_t client = contract_peer->connect(to, &from);

    memset(&peer, 0xee, sizeof peer);
    assert_int_equal(port_accept(listener, 1, &server, &peer, PORT_NEVER), 0);
    assert_int_equal(peer.version, to->version);
    assert_memory_equal(peer.ip, ip, to->version == 4 ? 4 : 16);
    assert_int_equal(peer.port, from.port);
    assert_int_equal(peer.scope, 0);
    contract_peer->leave(client);
    port_close(&server);
}

static void port_0_picks_a_port_and_tells_it(void **state)
{
    struct port_socket one, two;
    struct port_address at_one, at_two;

    (void)state;
    contract_listen(&one, "127.0.0.1", &at_one);
    contract_listen(&two, "127.0.0.1", &at_two);
    assert_int_not_equal(at_one.port, 0);
    assert_int_not_equal(at_two.port, 0);
    assert_int_not_equal(at_one.port, at_two.port);
    port_close(&one);
    port_close(&two);
}

static void listen_on_version_4_tells_its_address_and_its_peers(void **state)
{
    struct port_socket listener;
    struct port_address at;

    (void)state;
    contract_listen(&listener, "127.0.0.1", &at);
    assert_int_equal(at.version, 4);
    assert_memory_equal(at.ip, loopback4, 4);
    check_visit(&listener, &at, loopback4);
    port_close(&listener);
}

static void listen_on_version_6_tells_its_address_and_its_peers(void **state)
{
    struct port_socket listener;
    struct port_address at;

    (void)state;
    if (!contract_peer->has_v6)
        skip();
    contract_listen(&listener, "::1", &at);
    assert_int_equal(at.version, 6);
    assert_memory_equal(at.ip, loopback6, 16);
    check_visit(&listener, &at, loopback6);
    port_close(&listener);
}

static void no_address_listens_on_both_families_and_never_maps(void **state)
{
    static const uint8_t zero[16];
    struct port_socket listener;
    struct port_address at;

    (void)state;
    contract_listen(&listener, NULL, &at);
    assert_memory_equal(at.ip, zero, at.version == 4 ? 4 : 16);
    struct port_address to = {.version = 4, .port = at.port};
    memcpy(to.ip, loopback4, 4);
    check_visit(&listener, &to, loopback4);
    if (contract_peer->has_v6) {
        assert_int_equal(at.version, 6);
        to = (struct port_address){.version = 6, .port = at.port};
        memcpy(to.ip, loopback6, 16);
        check_visit(&listener, &to, loopback6);
    }
    port_close(&listener);
}

static void one_any_address_listens_on_its_own_family(void **state)
{
    struct port_socket four, six;
    struct port_address at;

    (void)state;
    contract_listen(&four, "0.0.0.0", &at);
    assert_int_equal(at.version, 4);
    if (contract_peer->has_v6) {
        assert_int_equal(port_listen(&six, "::", at.port, 4), 0); /* beside the other: they share no address */
        assert_int_equal(port_local_address(&six, &at), 0);
        assert_int_equal(at.version, 6);
        port_close(&six);
    }
    port_close(&four);
}

static void listen_on_a_taken_port_is_in_use(void **state)
{
    struct port_socket listener, other;
    struct port_address at;

    (void)state;
    contract_listen(&listener, "127.0.0.1", &at);
    assert_int_equal(port_listen(&other, "127.0.0.1", at.port, 4), BOBBIN_IN_USE);
    assert_int_equal(port_listen(&other, NULL, at.port, 4), BOBBIN_IN_USE);
    check_visit(&listener, &at, loopback4);
    port_close(&listener);
    assert_int_equal(port_listen(&other, NULL, at.port, 4), 0);
    port_close(&other);
}

static void a_closed_listener_leaves_its_port_free_at_once(void **state)
{
    struct contract_pair pair;
    struct port_address at;
    char end;

    (void)state;
    contract_pair_open(&pair);
    assert_int_equal(port_local_address(&pair.listener, &at), 0);
    contract_pair_close(&pair); /* the server closes first: on real systems the connection lingers (TIME_WAIT) */
    assert_int_equal(contract_peer->read(pair.client, &end, 1), 0);
    contract_peer->leave(pair.client);
    assert_int_equal(port_listen(&pair.listener, "127.0.0.1", at.port, 4), 0);
    port_close(&pair.listener);
}

static void listen_on_a_foreign_address_is_no_address(void **state)
{
    struct port_socket listener;

    (void)state;
    assert_int_equal(port_listen(&listener, "192.0.2.77", 0, 4), BOBBIN_NO_ADDRESS); /* RFC 5737 */
    if (contract_peer->has_v6)
        assert_int_equal(port_listen(&listener, "2001:db8::77", 0, 4), BOBBIN_NO_ADDRESS); /* RFC 3849 */
}

static void listen_takes_numeric_addresses_only(void **state)
{
    static const char *const texts[] = {"", "localhost", "127.0.0.1:80", "[::1]", "256.0.0.1", "1:2", "127.0.0.1 "};
    struct port_socket listener;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(port_listen(&listener, texts[i], 0, 4), BOBBIN_NO_ADDRESS);
}

static void listen_without_rights_is_denied(void **state)
{
    (void)state;
    int result = contract_peer->listen_without_rights(79);
    if (result == 1)
        skip();
    assert_int_equal(result, BOBBIN_DENIED);
}

int contract_run_listen(void)
{
    const struct CMUnitTest tests[] = {
        CONTRACT_TEST(port_0_picks_a_port_and_tells_it),
        CONTRACT_TEST(listen_on_version_4_tells_its_address_and_its_peers),
        CONTRACT_TEST(listen_on_version_6_tells_its_address_and_its_peers),
        CONTRACT_TEST(no_address_listens_on_both_families_and_never_maps),
        CONTRACT_TEST(one_any_address_listens_on_its_own_family),
        CONTRACT_TEST(listen_on_a_taken_port_is_in_use),
        CONTRACT_TEST(a_closed_listener_leaves_its_port_free_at_once),
        CONTRACT_TEST(listen_on_a_foreign_address_is_no_address),
        CONTRACT_TEST(listen_takes_numeric_addresses_only),
        CONTRACT_TEST(listen_without_rights_is_denied),
    };
    return cmocka_run_group_tests_name("listen", tests, NULL, NULL);
}
