/* The page at "/": made once at start, then only read. */
#include "pages.h"

#include <string.h>
#include <unistd.h>

#include "line.h"

/* All of the page but the device's name; that comes in the title and in the heading. */
static const char top[] = "<!doctype html>\n"
                          "<html lang=\"en\">\n"
                          "<meta charset=\"utf-8\">\n"
                          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                          "<title>";
static const char middle[] =
    "</title>\n"
    "<style>\n"
    ":root{color-scheme:light dark;--back:#f6f4ef;--ink:#22252a;--soft:#62676e;--link:#0b5f8a}\n"
    "@media(prefers-color-scheme:dark){:root{--back:#191b1f;--ink:#eceae5;--soft:#9aa0a8;--link:#7cc4ec}}\n"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--back);color:var(--ink);"
    "font:1.125rem/1.5 system-ui,sans-serif}\n"
    "main{padding:2rem;max-width:32rem}\n"
    "h1{margin:0;font-size:2.25rem;line-height:1.2;overflow-wrap:anywhere}\n"
    "p{color:var(--soft)}\n"
    "a{color:var(--link);display:inline-block;padding:.5rem 0}\n"
    "</style>\n"
    "<main>\n"
    "<h1>Hello from ";
static const char bottom[] = "</h1>\n"
                             "<p>This device is served by bobbin.</p>\n"
                             "<p><a href=\"/hello\">Say hello</a></p>\n"
                             "</main>\n"
                             "</html>\n";

#define NAME_BYTES    64
#define ESCAPED_BYTES (NAME_BYTES * sizeof "&quot;")

static char page[sizeof top + sizeof middle + sizeof bottom + 2 * ESCAPED_BYTES];
static size_t page_length;

static void add_html(struct line *line, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            line_text(line, "&amp;");
            break;
        case '<':
            line_text(line, "&lt;");
            break;
        case '>':
            line_text(line, "&gt;");
            break;
        case '"':
            line_text(line, "&quot;");
            break;
        case '\'':
            line_text(line, "&#39;");
            break;
        default:
            line_bytes(line, text, 1);
        }
    }
}

void pages_make(const char *name)
{
    struct line line = {.data = page, .length = 0, .size = sizeof page};
    char host[NAME_BYTES + 1];

    if (name == NULL) {
        if (gethostname(host, sizeof host) != 0)
            memcpy(host, "bobbin", sizeof "bobbin");
        host[NAME_BYTES] = '\0';
        name = host;
    }
    line_text(&line, top);
    add_html(&line, name);
    line_text(&line, middle);
    add_html(&line, name);
    line_text(&line, bottom);
    page_length = line.length;
}

const char *pages_front(size_t *length)
{
    *length = page_length;
    return page;
}
