/* Follows a body's framing a byte at a time, its content a piece at a time. Pure; any thread. */
#include "http_body.h"

enum body_state {
    BODY_DONE, /* 0 */
    BODY_BAD,
    BODY_LENGTH,
    CHUNK_SIZE,
    CHUNK_BLANK, /* behind the size: an extension has to follow */
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    TRAILER_START,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    CHUNKED_LF, /* the last of all */
};

#define SIZE_DIGITS_MAX 16 /* what 64 bits hold */

void http_body_length(struct http_body *body, uint64_t length)
{
    *body = (struct http_body){.left = length, .state = length > 0 ? BODY_LENGTH : BODY_DONE};
}

void http_body_chunked(struct http_body *body)
{
    *body = (struct http_body){.state = CHUNK_SIZE};
}

uint64_t http_body_plain(const struct http_body *body)
{
    return body->state == BODY_LENGTH || body->state == CHUNK_DATA ? body->left : 0;
}

void http_body_took(struct http_body *body, uint64_t length)
{
    body->left -= length;
    if (length > 0 && body->left == 0)
        body->state = body->state == BODY_LENGTH ? BODY_DONE : CHUNK_DATA_CR;
}

static enum body_state after_size(struct http_body *body)
{
    body->digits = 0;
    return body->left > 0 ? CHUNK_DATA : TRAILER_START;
}

/* Counts a byte that is neither size nor content; it belongs to `same`, which `last` ends. */
static enum body_state extra_byte(struct http_body *body, char byte, enum body_state same, enum body_state last)
{
    if (byte == '\r')
        return last;
    bool text = byte == '\t' || (unsigned char)byte >= ' ';
    if (!text || byte == 0x7f || body->extra == HTTP_BODY_EXTRA_MAX)
        return BODY_BAD;
    body->extra++;
    return same;
}

/* Blanks behind the size are only there for an extension (RFC 9112 §7.1.1). */
static enum body_state before_extension(struct http_body *body, char byte)
{
    if (byte != ' ' && byte != '\t' && byte != ';')
        return BODY_BAD;
    return extra_byte(body, byte, byte == ';' ? CHUNK_EXTENSION : CHUNK_BLANK, BODY_BAD);
}

static enum body_state size_byte(struct http_body *body, char byte)
{
    int digit = span_hex_digit(byte);
    if (digit >= 0) {
        if (body->digits == SIZE_DIGITS_MAX)
            return BODY_BAD;
        body->digits++;
        body->left = body->left << 4 | (unsigned)digit;
        return CHUNK_SIZE;
    }
    if (body->digits == 0)
        return BODY_BAD;
    return byte == '\r' ? CHUNK_SIZE_LF : before_extension(body, byte);
}

static enum body_state name_byte(struct http_body *body, char byte)
{
    if (byte != ':' && !http_is_token((struct bobbin_span){&byte, 1}))
        return BODY_BAD;
    return extra_byte(body, byte, byte == ':' ? TRAILER_VALUE : TRAILER_NAME, BODY_BAD);
}

static enum body_state framing_byte(struct http_body *body, char byte)
{
    switch ((enum body_state)body->state) {
    case CHUNK_SIZE:
        return size_byte(body, byte);
    case CHUNK_BLANK:
        return before_extension(body, byte);
    case CHUNK_EXTENSION:
        return extra_byte(body, byte, CHUNK_EXTENSION, CHUNK_SIZE_LF);
    case CHUNK_SIZE_LF:
        return byte == '\n' ? after_size(body) : BODY_BAD;
    case CHUNK_DATA_CR:
        return byte == '\r' ? CHUNK_DATA_LF : BODY_BAD;
    case CHUNK_DATA_LF:
        return byte == '\n' ? CHUNK_SIZE : BODY_BAD;
    case TRAILER_START:
        if (byte == '\r')
            return CHUNKED_LF;
        return byte == ':' ? BODY_BAD : name_byte(body, byte);
    case TRAILER_NAME:
        return name_byte(body, byte);
    case TRAILER_VALUE:
        return extra_byte(body, byte, TRAILER_VALUE, TRAILER_LF);
    case TRAILER_LF:
        return byte == '\n' ? TRAILER_START : BODY_BAD;
    case CHUNKED_LF:
        return byte == '\n' ? BODY_DONE : BODY_BAD;
    case BODY_DONE:
    case BODY_BAD:
    case BODY_LENGTH:
    case CHUNK_DATA:
        break;
    }
    return BODY_BAD;
}

enum http_result http_body_next(struct http_body *body, const char *in, size_t length, size_t *used,
                                struct bobbin_span *data)
{
    size_t i = 0;
    *data = (struct bobbin_span){in, 0};
    while (i < length && body->state != BODY_DONE && body->state != BODY_BAD) {
        uint64_t plain = http_body_plain(body);
        if (plain == 0) {
            body->state = (uint8_t)framing_byte(body, in[i++]);
            continue;
        }
        if (data->length > 0)
            break; /* one piece a call, with the framing behind it */
        size_t piece = length - i < plain ? length - i : (size_t)plain;
        *data = (struct bobbin_span){in + i, piece};
        http_body_took(body, piece);
        i += piece;
    }
    *used = i;
    if (body->state == BODY_BAD)
        return HTTP_BAD;
    return body->state == BODY_DONE ? HTTP_DONE : HTTP_MORE;
}
