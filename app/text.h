/* Text files of the system: read whole, and taken apart line by line and word by word. Main thread. */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>

/* Reads the file and ends it with a NUL; what follows that in the room, or NULL and errno: EFBIG, it does not fit;
 * EILSEQ, it is no text. */
char *text_read(const char *path, char *room, size_t size);

/* The next line, and the next word of a line up to a comment, cut off what is left; NULL: there is none. */
char *text_line(char **rest);
char *text_word(char **line);

#endif
