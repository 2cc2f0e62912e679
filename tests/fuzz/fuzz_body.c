/* The chunked decoder, whole and in pieces, against a second one that is slow and simple. */
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"
#include "http_body.h"

#define INPUT_MAX 65536

struct outcome {
    enum http_result result;
    size_t used; /* where DONE */
    size_t length;
    char content[INPUT_MAX];
};

static struct outcome expected, whole, pieces, passed_by;

/* -- the reference: one look at the grammar of RFC 9112 §7.1 after another -- */

struct reader {
    const char *text;
    size_t length, at;
    size_t extras;
};

enum reading { READ, ENDED, BROKEN };

static bool is_one_of(char byte, const char *set)
{
    return byte != '\0' && strchr(set, byte) != NULL;
}

static enum reading read_byte(struct reader *reader, char byte)
{
    if (reader->at == reader->length)
        return ENDED;
    return reader->text[reader->at++] == byte ? READ : BROKEN;
}

static enum reading read_crlf(struct reader *reader)
{
    enum reading reading = read_byte(reader, '\r');
    return reading == READ ? read_byte(reader, '\n') : reading;
}

/* Text up to a CR, that is left there; a blank line is none. */
static enum reading read_text(struct reader *reader)
{
    for (; reader->at < reader->length; reader->at++) {
        unsigned char byte = (unsigned char)reader->text[reader->at];
        if (byte == '\r')
            return READ;
        if ((byte < 32 && byte != '\t') || byte == 127 || ++reader->extras > HTTP_BODY_EXTRA_MAX)
            return BROKEN;
    }
    return ENDED;
}

static enum reading read_size(struct reader *reader, uint64_t *size)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    size_t start = reader->at;
    *size = 0;
    while (reader->at < reader->length && is_one_of(reader->text[reader->at], digits)) {
        *size = *size * 16 + (uint64_t)(strchr(digits, reader->text[reader->at]) - digits) % 16;
        reader->at++;
        if (reader->at - start > 16)
            return BROKEN;
    }
    if (reader->at == reader->length)
        return ENDED;
    if (reader->at == start)
        return BROKEN;
    size_t blanks = reader->at;
    while (blanks < reader->length && is_one_of(reader->text[blanks], " \t"))
        blanks++;
    if (blanks - reader->at > HTTP_BODY_EXTRA_MAX - reader->extras)
        return BROKEN;
    if (blanks == reader->length)
        return ENDED;
    if (reader->text[blanks] != ';')
        return blanks > reader->at ? BROKEN : read_crlf(reader);
    enum reading reading = read_text(reader);
    return reading == READ ? read_crlf(reader) : reading;
}

static enum reading read_trailers(struct reader *reader)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (;;) {
        if (reader->at < reader->length && reader->text[reader->at] == '\r')
            return read_crlf(reader);
        size_t start = reader->at;
        while (reader->at < reader->length && is_one_of(reader->text[reader->at], token))
            reader->at++;
        size_t name = reader->at - start;
        if (name > HTTP_BODY_EXTRA_MAX - reader->extras)
            return BROKEN;
        if (reader->at == reader->length)
            return ENDED;
        if (name == 0 || reader->text[reader->at] != ':')
            return BROKEN;
        reader->extras += name;
        enum reading reading = read_text(reader);
        if (reading == READ)
            reading = read_crlf(reader);
        if (reading != READ)
            return reading;
    }
}

static enum reading read_chunked(struct reader *reader)
{
    for (;;) {
        uint64_t size;
        enum reading reading = read_size(reader, &size);
        if (reading != READ)
            return reading;
        if (size == 0)
            return read_trailers(reader);
        size_t rest = reader->length - reader->at;
        size_t piece = size < rest ? (size_t)size : rest;
        memcpy(expected.content + expected.length, reader->text + reader->at, piece);
        expected.length += piece;
        reader->at += piece;
        if (piece < size)
            return ENDED;
        reading = read_crlf(reader);
        if (reading != READ)
            return reading;
    }
}

/* -- the decoder -- */

static void keep(struct outcome *outcome, struct bobbin_span data)
{
    must(data.length <= INPUT_MAX - outcome->length);
    if (data.length > 0)
        memcpy(outcome->content + outcome->length, data.data, data.length);
    outcome->length += data.length;
}

/* Each call gets a copy of its own, so that the sanitizer knows its bounds. */
static void feed(struct http_body *body, const char *text, size_t length, struct outcome *outcome)
{
    while (length > 0 && outcome->result == HTTP_MORE) {
        size_t used = 0;
        struct bobbin_span data;
        char *in = malloc(length);
        must(in != NULL);
        memcpy(in, text, length);
        outcome->result = http_body_next(body, in, length, &used, &data);
        must(used > 0 && used <= length);
        must(data.data >= in && data.data + data.length <= in + used);
        must(http_body_done(body) == (outcome->result == HTTP_DONE));
        keep(outcome, data);
        free(in);
        text += used;
        length -= used;
        outcome->used += used;
    }
}

static void feed_in_pieces(const char *text, size_t length, uint32_t random, bool past)
{
    struct outcome *outcome = past ? &passed_by : &pieces;
    struct http_body body;
    http_body_chunked(&body);
    while (length > 0 && outcome->result == HTTP_MORE) {
        size_t piece = 1 + next_random(&random, length < 32 ? length : 32);
        uint64_t plain = http_body_plain(&body);
        if (past && plain > 0) {
            piece = plain < piece ? (size_t)plain : piece;
            keep(outcome, (struct bobbin_span){text, piece});
            http_body_took(&body, piece);
            outcome->used += piece;
        } else {
            feed(&body, text, piece, outcome);
        }
        text += piece;
        length -= piece;
    }
}

static void must_be_expected(const struct outcome *outcome)
{
    must(outcome->result == expected.result);
    must(outcome->result != HTTP_DONE || outcome->used == expected.used);
    must(outcome->length == expected.length);
    must(memcmp(outcome->content, expected.content, expected.length) == 0);
}

static void start(struct outcome *outcome)
{
    outcome->result = HTTP_MORE;
    outcome->used = outcome->length = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX)
        return 0;
    const char *text = (const char *)data;
    start(&expected);
    start(&whole);
    start(&pieces);
    start(&passed_by);

    struct reader reader = {.text = text, .length = size};
    enum reading reading = size > 0 ? read_chunked(&reader) : ENDED;
    expected.result = reading == READ ? HTTP_DONE : reading == BROKEN ? HTTP_BAD : HTTP_MORE;
    expected.used = reader.at;

    struct http_body body;
    http_body_chunked(&body);
    feed(&body, text, size, &whole);
    must_be_expected(&whole);
    feed_in_pieces(text, size, random_of(data, size), false);
    must_be_expected(&pieces);
    feed_in_pieces(text, size, random_of(data, size), true);
    must_be_expected(&passed_by);
    return 0;
}
