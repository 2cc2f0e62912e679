/* Weighs content codings by Accept-Encoding (RFC 9110 §12.4.2, §12.5.3). Pure; any thread. */
#include "codings.h"

#include <string.h>

#define WEIGHT_MAX 1000

/* ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ), in thousandths; 0 for anything else. */
static int qvalue(struct bobbin_span text)
{
    unsigned weight = 0, unit = WEIGHT_MAX;
    if (text.length == 0 || text.length > 5 || (text.length > 1 && text.data[1] != '.'))
        return 0;
    for (size_t i = 0; i < text.length; i++) {
        if (i == 1)
            continue;
        if (text.data[i] < '0' || text.data[i] > '9')
            return 0;
        weight += (unsigned)(text.data[i] - '0') * unit;
        unit /= 10;
    }
    return weight <= WEIGHT_MAX ? (int)weight : 0;
}

/* Takes the weight off an element and leaves the coding's name. */
static int split_weight(struct bobbin_span *element)
{
    const char *semicolon = memchr(element->data, ';', element->length);
    if (semicolon == NULL)
        return WEIGHT_MAX;
    size_t name = (size_t)(semicolon - element->data);
    struct bobbin_span q = span_trim((struct bobbin_span){semicolon + 1, element->length - name - 1});
    *element = span_trim((struct bobbin_span){element->data, name});
    if (q.length < 2 || !bobbin_span_is_nocase((struct bobbin_span){q.data, 2}, "q="))
        return 0;
    return qvalue((struct bobbin_span){q.data + 2, q.length - 2});
}

static bool names(struct bobbin_span name, const char *coding)
{
    if (bobbin_span_is_nocase(name, "x-gzip")) /* RFC 9110 §8.4.1.3 */
        name = span_of("gzip");
    return bobbin_span_is_nocase(name, coding);
}

int codings_weight(const struct http_parser *parser, const char *head, const char *coding)
{
    const struct bobbin_span field = {"Accept-Encoding", 15};
    struct bobbin_span value = http_field(parser, head, field);
    int named = -1, others = -1; /* of those that name a coding twice, the first counts */
    for (; value.data != NULL; value = http_field_next(parser, head, field, value)) {
        struct bobbin_span list = value, element;
        while (span_next_element(&list, &element)) {
            int weight = split_weight(&element);
            if (named < 0 && names(element, coding))
                named = weight;
            else if (others < 0 && bobbin_span_is(element, "*"))
                others = weight;
        }
    }
    if (named >= 0)
        return named;
    if (others >= 0)
        return others;
    if (!bobbin_span_is(span_of(coding), "identity"))
        return 0;
    return http_field(parser, head, field).data == NULL ? WEIGHT_MAX : 1;
}
