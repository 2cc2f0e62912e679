/* What errno means, in the C library's words. Main thread. */
#include "why.h"

#include <string.h>

const char *why_text(int number)
{
    return strerror(number);
}
