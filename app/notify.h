/* What the service manager that started the program gets to know, by sd_notify(3)'s protocol: a datagram to the
 * socket that NOTIFY_SOCKET names. Without one, nothing happens. Main thread. */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdint.h>

void notify_ready(unsigned port);
void notify_stopping(void);

/* How often the manager's watchdog wants notify_alive, in ms: half of the time after which it ends the program.
 * 0: there is none. */
uint64_t notify_beat_ms(void);
void notify_alive(void);

#endif
