/* A network of one: whoever sends to MIRROR_PEER reaches himself, as if from there. Frames come back as they would
 * from a driver, in pbufs of the pool, on a thread of their own. */
#ifndef MIRROR_H
#define MIRROR_H

#include "port.h"

#define MIRROR_HERE "10.99.0.1"
#define MIRROR_PEER "10.99.0.2"

/* Starts lwIP with it. Once. */
void mirror_start(void);

/* Frames that found no pbuf of the pool so far: lost, as a driver would lose them. */
unsigned mirror_lost(void);

#endif
