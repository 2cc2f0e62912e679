/* How the device is: GET /status, text for people and for scripts, a figure with its name in each line. */
#ifndef STATUS_H
#define STATUS_H

#include "bobbin/exchange.h"

bobbin_handler handle_status; /* no context */

#endif
