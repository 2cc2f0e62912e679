/* Addresses and names of a network, read from text. Pure; any thread. */
#ifndef TEXTS_H
#define TEXTS_H

#include <stdbool.h>
#include <stdint.h>

/* "10.0.0.2": four numbers, none with a zero in front, which some take for octal. */
bool text_to_ip4(const char *text, uint8_t ip[4]);

/* "10.0.0.2/24": an address that a host of the network may have; 1 to 30 bits. */
bool text_to_host(const char *text, uint8_t ip[4], uint8_t mask[4]);

/* "02:00:5e:10:00:01", of one station. */
bool text_to_mac(const char *text, uint8_t mac[6]);

/* The label for NAME.local of whatever the device is called: letters, digits, and a hyphen for each run of anything
 * else between them. "bobbin" where nothing is left. */
#define LABEL_BYTES 51 /* with ".local" and a port it fits struct bobbin_peer */
void text_to_label(const char *name, char label[LABEL_BYTES + 1]);

#endif
