/* The classes of the bytes below 128. Those above are of none. */
#include "chars.h"

#define A (CHAR_TOKEN | CHAR_PLAIN | CHAR_TARGET | CHAR_QUERY)
#define P (CHAR_PLAIN | CHAR_TARGET | CHAR_QUERY)
#define G (CHAR_TARGET | CHAR_QUERY)
#define H (CHAR_TOKEN | CHAR_TARGET | CHAR_QUERY)
#define Q CHAR_QUERY
#define R (CHAR_TOKEN | CHAR_QUERY)
#define T CHAR_TOKEN
const uint8_t char_classes[128] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /**/
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /**/
    0, A, 0, T, A, H, A, A, P, P, A, A, P, A, A, G, /*  !"#$%&'()*+,-./ */
    A, A, A, A, A, A, A, A, A, A, G, P, 0, P, 0, Q, /* 0123456789:;<=>? */
    G, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, /* @ABCDEFGHIJKLMNO */
    A, A, A, A, A, A, A, A, A, A, A, G, Q, G, R, A, /* PQRSTUVWXYZ[\]^_ */
    R, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, /* `abcdefghijklmno */
    A, A, A, A, A, A, A, A, A, A, A, Q, H, Q, A, 0, /* pqrstuvwxyz{|}~ DEL */
};
#undef A
#undef P
#undef G
#undef H
#undef Q
#undef R
#undef T
