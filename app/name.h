/* The device's name: found once at start, then only read. */
#ifndef NAME_H
#define NAME_H

/* Main thread, before the first client. The given name, or where that is NULL the host's. Holds until the program
 * ends. */
const char *name_find(const char *given);

#endif
