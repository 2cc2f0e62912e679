/* Numbers, sizes and times as people type them, and back. Pure; any thread. */
#ifndef VALUES_H
#define VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False: not of that form, or more than 64 bits hold. Whether it is in range is the caller's to ask. */
bool value_number(const char *text, uint64_t *value); /* "1234" */
bool value_size(const char *text, uint64_t *value);   /* "512", "16K", "1M", "2G"; K is 1024 */
bool value_time(const char *text, uint64_t *ms);      /* "500ms", "15s", "2m"; a unit is a must */

/* The shortest text that the functions above read as that value. */
#define VALUE_TEXT 32
void value_print_number(uint64_t value, char text[VALUE_TEXT]);
void value_print_size(uint64_t value, char text[VALUE_TEXT]);
void value_print_time(uint64_t ms, char text[VALUE_TEXT]);

/* For people: "0.6 KiB", "1.3 MiB". */
void value_print_bytes(uint64_t value, char text[VALUE_TEXT]);

#endif
