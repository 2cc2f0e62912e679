/* The server of these tests, and its clients, on one lwIP (mirror.h). Clients are lwIP's sockets. Whatever goes wrong
 * fails the test. */
#ifndef HOUSE_H
#define HOUSE_H

#include <stdint.h>

#define REQUEST(at) "GET " at " HTTP/1.1\r\nHost: device\r\n\r\n"

/* For cmocka: bobbin with /hello and /gate, which answers with the request's body once the gate is open. */
int house_start(void **state);
int house_stop(void **state);
uint16_t house_port(void);

void house_close_gate(void);
void house_open_gate(void);
void house_wait_inside(unsigned count); /* until so many handlers wait at the gate */

int house_client(void);
int house_connect(int client, uint16_t port);    /* 0, or -1 */
void house_say(int client, const char *text);    /* all of it */
void house_expect(int client, const char *body); /* a reply of 200 that ends with this */
void house_check_hello(void);                    /* one client more is served */

#endif
