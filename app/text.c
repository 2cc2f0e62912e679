/* Text files of the system. Main thread. */
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* How many bytes there are, -1 and errno. */
static ssize_t read_all(int fd, char *room, size_t size)
{
    size_t length = 0;

    while (length < size) {
        ssize_t count = read(fd, room + length, size - length);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count < 0 ? -1 : (ssize_t)length;
        length += (size_t)count;
    }
    errno = EFBIG;
    return -1;
}

char *text_read(const char *path, char *room, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read_all(fd, room, size);

    if (fd >= 0)
        close(fd); /* keeps errno */
    if (length < 0)
        return NULL;
    if (memchr(room, '\0', (size_t)length) != NULL) {
        errno = EILSEQ;
        return NULL;
    }
    room[length] = '\0';
    return room + length + 1;
}

/* Cuts off what stands before one of the separators. */
static char *cut(char **rest, const char *separators)
{
    char *piece = *rest, *end = piece + strcspn(piece, separators);

    *rest = end + (*end != '\0');
    *end = '\0';
    return piece;
}

char *text_line(char **rest)
{
    return **rest == '\0' ? NULL : cut(rest, "\n");
}

char *text_word(char **line)
{
    static const char blank[] = " \t\r";

    *line += strspn(*line, blank);
    return **line == '\0' || **line == '#' ? NULL : cut(line, blank);
}
