/* What errno means. Main thread. On boards small/why.c has the texts of what this program asks of the system, and
 * "error 71" for anything else; elsewhere they are the C library's. */
#ifndef WHY_H
#define WHY_H

/* Holds until the next call. */
const char *why_text(int number);

#endif
