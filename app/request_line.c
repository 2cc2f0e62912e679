/* A request in a line. Clients' threads. */
#include "request_line.h"

void line_request(struct line *line, const struct bobbin_exchange *x)
{
    struct bobbin_span request = bobbin_request_line(x);
    int status = bobbin_reply_status(x);

    line_text(line, " \"");
    if (request.length == 0)
        line_text(line, "-");
    else
        line_escaped(line, request.data, request.length, sizeof "\" 200 18446744073709551615\n");
    line_text(line, "\" ");
    if (status > 0)
        line_number(line, (uint64_t)status);
    else
        line_text(line, "-");
    line_text(line, " ");
}
