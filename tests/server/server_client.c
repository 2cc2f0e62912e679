/* The server tests' clients: asking, and taking replies apart. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "server_fixture.h"

struct fake_client *fixture_connect(struct fixture *f)
{
    return fixture_connect_from(f, NULL);
}

struct fake_client *fixture_connect_from(struct fixture *f, const char *from)
{
    bool v6 = from != NULL && strchr(from, ':') != NULL;
    struct bobbin_peer second;
    uint16_t port = f->port;

    if (v6 && bobbin_address(f->server, 1, &second) == 0) /* the fixture's second listener is ::1 */
        port = (uint16_t)strtoul(strrchr(second.text, ':') + 1, NULL, 10);
    fake_wait_quiet(); /* so that everybody is where the test thinks */
    struct fake_client *client = fake_connect(from, NULL, port);
    assert_non_null(client);
    fake_wait_quiet();
    return client;
}

void fixture_get(struct fake_client *client, const char *path)
{
    char request[512];

    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: device\r\n\r\n", path);
    fake_feed_text(client, request);
}

/* -- replies -- */

static struct reply last;

const char *fixture_field(const struct reply *reply, const char *name)
{
    static char value[1024];
    size_t length = strlen(name);

    for (const char *line = strstr(reply->head, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, length) != 0 || line[length] != ':')
            continue;
        const char *start = line + length + 1;
        start += strspn(start, " ");
        size_t size = strcspn(start, "\r");
        if (size >= sizeof value)
            size = sizeof value - 1;
        memcpy(value, start, size);
        value[size] = '\0';
        return value;
    }
    return NULL;
}

static bool read_line(struct fake_client *client, char *line, size_t size)
{
    size_t length = 0;

    while (length + 1 < size && fake_read(client, line + length, 1) == 1) {
        line[++length] = '\0';
        if (length >= 2 && memcmp(line + length - 2, "\r\n", 2) == 0)
            return true;
    }
    line[length] = '\0';
    return false;
}

static void read_chunks(struct fake_client *client)
{
    char line[64];

    last.chunked = true;
    while (read_line(client, line, sizeof line)) {
        size_t size = strtoul(line, NULL, 16);
        assert_true(last.length + size <= FIXTURE_BODY_MAX);
        if (fake_read(client, last.body + last.length, size) != size)
            return;
        last.length += size;
        if (!read_line(client, line, sizeof line))
            return;
        assert_string_equal(line, "\r\n");
        last.whole = size == 0;
        if (last.whole)
            return;
    }
}

static void read_body(struct fake_client *client)
{
    const char *length = fixture_field(&last, "Content-Length");

    if (last.status == 204 || last.status == 304) {
        last.whole = true;
    } else if (length != NULL) {
        size_t size = strtoul(length, NULL, 10);
        assert_true(size <= FIXTURE_BODY_MAX);
        assert_null(fixture_field(&last, "Transfer-Encoding"));
        last.length = fake_read(client, last.body, size);
        last.whole = last.length == size;
    } else if (fixture_field(&last, "Transfer-Encoding") != NULL) {
        read_chunks(client);
    } else {
        last.to_end = true;
        last.length = fake_read(client, last.body, FIXTURE_BODY_MAX);
        last.whole = last.length < FIXTURE_BODY_MAX;
    }
    last.body[last.length] = '\0';
}

const struct reply *fixture_reply(struct fake_client *client, bool head_only)
{
    size_t length = 0;

    memset(&last, 0, sizeof last);
    while (length < 4 || strcmp(last.head + length - 4, "\r\n\r\n") != 0) {
        assert_true(length + 1 < sizeof last.head);
        if (fake_read(client, last.head + length, 1) == 0)
            return &last;
        length++;
    }
    if (sscanf(last.head, "HTTP/1.1 %3d", &last.status) != 1)
        fail_msg("no status line: %s", last.head);
    if (head_only || last.status < 200)
        last.whole = true;
    else
        read_body(client);
    return &last;
}

const struct reply *fixture_expect(struct fake_client *client, int status)
{
    const struct reply *reply = fixture_reply(client, false);

    if (reply->status != status) {
        fake_log_print();
        fail_msg("status %d instead of %d: %s", reply->status, status, reply->head);
    }
    assert_true(reply->whole);
    return reply;
}

void fixture_expect_hello(struct fake_client *client)
{
    fixture_get(client, "/hello");
    const struct reply *reply = fixture_expect(client, 200);
    assert_string_equal(reply->body, "hello\n");
}

void fixture_expect_end(struct fake_client *client)
{
    char byte;

    fake_wait_end(client);
    assert_int_equal(fake_read(client, &byte, 1), 0);
}

void fixture_expect_open(struct fake_client *client)
{
    fake_wait_quiet();
    assert_int_equal(fake_unread(client), 0);
    assert_false(fake_is_ended(client));
}
