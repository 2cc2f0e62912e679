/* core/media_type.c: Content-Types by extension, and the built-in table. */
#include "media_type.h"

#include <string.h>

#include "guarded.h"
#include "unit.h"

static struct guarded guarded;

static const struct bobbin_media_type built_in[] = {
#define MEDIA_TYPE(extension, type) {extension, type},
#include "media_types.def"
#undef MEDIA_TYPE
};

struct row {
    const char *name;
    struct bobbin_span file;
    const char *extension, *type;
};

#define OCTETS "application/octet-stream"
#define UTF_8  "; charset=utf-8"

static const struct row rows[] = {
    {"type_html", SPAN("index.html"), "html", "text/html" UTF_8},
    {"type_htm", SPAN("index.htm"), "htm", "text/html" UTF_8},
    {"type_css", SPAN("site.css"), "css", "text/css" UTF_8},
    {"type_js", SPAN("app.js"), "js", "text/javascript" UTF_8},
    {"type_mjs", SPAN("app.mjs"), "mjs", "text/javascript" UTF_8},
    {"type_json", SPAN("a.json"), "json", "application/json"},
    {"type_map", SPAN("app.js.map"), "map", "application/json"},
    {"type_svg", SPAN("a.svg"), "svg", "image/svg+xml"},
    {"type_png", SPAN("a.png"), "png", "image/png"},
    {"type_jpg", SPAN("a.jpg"), "jpg", "image/jpeg"},
    {"type_jpeg", SPAN("a.jpeg"), "jpeg", "image/jpeg"},
    {"type_webp", SPAN("a.webp"), "webp", "image/webp"},
    {"type_avif", SPAN("a.avif"), "avif", "image/avif"},
    {"type_ico", SPAN("favicon.ico"), "ico", "image/vnd.microsoft.icon"},
    {"type_woff2", SPAN("a.woff2"), "woff2", "font/woff2"},
    {"type_wasm", SPAN("a.wasm"), "wasm", "application/wasm"},
    {"type_txt", SPAN("a.txt"), "txt", "text/plain" UTF_8},
    {"type_pdf", SPAN("a.pdf"), "pdf", "application/pdf"},
    {"type_mp4", SPAN("a.mp4"), "mp4", "video/mp4"},
    {"type_webm", SPAN("a.webm"), "webm", "video/webm"},
    {"type_webmanifest", SPAN("a.webmanifest"), "webmanifest", "application/manifest+json"},
    {"type_xml", SPAN("a.xml"), "xml", "application/xml"},
    {"type_md", SPAN("README.md"), "md", "text/markdown" UTF_8},
    {"type_first_of_the_table", SPAN("a.7z"), "7z", "application/x-7z-compressed"},
    {"type_last_of_the_table", SPAN("a.zip"), "zip", "application/zip"},

    {"extension_in_any_case", SPAN("INDEX.HtML"), "HtML", "text/html" UTF_8},
    {"extension_of_the_last_segment", SPAN("a.css/b/c.png"), "png", "image/png"},
    {"extension_of_a_folder_is_none", SPAN("a.css/b"), "", OCTETS},
    {"extension_is_behind_the_last_dot", SPAN("a.tar.gz"), "gz", "application/gzip"},
    {"extension_behind_two_dots", SPAN("a..css"), "css", "text/css" UTF_8},
    {"extension_of_a_dot_file_is_none", SPAN(".css"), "", OCTETS},
    {"extension_of_a_dot_file_in_a_folder_is_none", SPAN("a.png/.css"), "", OCTETS},
    {"extension_of_a_dot_file_with_two_dots", SPAN(".a.css"), "css", "text/css" UTF_8},
    {"extension_of_a_name_without_dot_is_none", SPAN("css"), "", OCTETS},
    {"extension_of_a_dot_at_the_end_is_none", SPAN("css."), "", OCTETS},
    {"extension_of_a_slash_at_the_end_is_none", SPAN("a.css/"), "", OCTETS},
    {"extension_of_nothing_is_none", SPAN(""), "", OCTETS},
    {"extension_of_a_slash_is_none", SPAN("/"), "", OCTETS},
    {"extension_of_a_dot_is_none", SPAN("."), "", OCTETS},
    {"unknown_is_octets", SPAN("a.unheard"), "unheard", OCTETS},
    {"shorter_than_a_known_one_is_octets", SPAN("a.htmx"), "htmx", OCTETS},
    {"start_of_a_known_one_is_octets", SPAN("a.ht"), "ht", OCTETS},
    {"longer_than_a_known_one_is_octets", SPAN("a.html5"), "html5", OCTETS},
    {"typescript_is_no_video", SPAN("a.ts"), "ts", OCTETS},
    {"before_the_first_is_octets", SPAN("a.!"), "!", OCTETS},
    {"behind_the_last_is_octets", SPAN("a.zzz"), "zzz", OCTETS},
    {"high_bytes_are_octets", SPAN("a.\xc3\xa9"), "\xc3\xa9", OCTETS},
};

static void check(void **state)
{
    const struct row *row = *state;
    struct bobbin_span file = {guarded_copy(&guarded, row->file.data, row->file.length), row->file.length};
    struct bobbin_span extension = media_type_extension(file);
    assert_int_equal(extension.length, strlen(row->extension));
    assert_memory_equal(extension.data, row->extension, extension.length);
    assert_string_equal(bobbin_media_type(file), row->type);
}

static void every_built_in_type_is_found(void **state)
{
    (void)state;
    assert_true(media_type_in_order(built_in, ROWS(built_in)));
    for (size_t i = 0; i < ROWS(built_in); i++) {
        struct bobbin_span extension = {built_in[i].extension, strlen(built_in[i].extension)};
        assert_string_equal(media_type_find(built_in, ROWS(built_in), extension), built_in[i].type);
    }
}

static void every_built_in_text_has_a_charset(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(built_in); i++) {
        bool text = strncmp(built_in[i].type, "text/", 5) == 0;
        assert_int_equal(text, strstr(built_in[i].type, UTF_8) != NULL);
    }
}

static void find_in_tables_of_every_size(void **state)
{
    (void)state;
    for (size_t count = 0; count <= ROWS(built_in); count++)
        for (size_t i = 0; i < ROWS(built_in); i++) {
            const char *name = built_in[i].extension;
            size_t length = strlen(name);
            struct bobbin_span extension = {guarded_copy(&guarded, name, length), length};
            const char *type = media_type_find(built_in, count, extension);
            assert_ptr_equal(type, i < count ? built_in[i].type : NULL);
        }
}

static void find_does_not_end_at_a_nul(void **state)
{
    (void)state;
    assert_null(media_type_find(built_in, ROWS(built_in), SPAN_OF("css\0")));
    assert_null(media_type_find(built_in, ROWS(built_in), SPAN_OF("\0")));
    const struct bobbin_media_type last = {guarded_copy(&guarded, "css", sizeof "css"), "text/css"};
    assert_null(media_type_find(&last, 1, SPAN_OF("css\0\0")));
    assert_string_equal(media_type_find(&last, 1, SPAN_OF("css")), "text/css");
}

static void order_is_of_bytes_without_two_alike(void **state)
{
    static const struct bobbin_media_type prefix[] = {{"htm", ""}, {"html", ""}}, swapped[] = {{"b", ""}, {"a", ""}};
    static const struct bobbin_media_type alike[] = {{"a", ""}, {"a", ""}}, upper[] = {{"A", ""}};
    static const struct bobbin_media_type shorter_last[] = {{"html", ""}, {"htm", ""}};
    static const struct bobbin_media_type digits[] = {{"7z", ""}, {"a", ""}}, high[] = {{"z", ""}, {"\xc3\xa9", ""}};
    (void)state;
    assert_true(media_type_in_order(NULL, 0));
    assert_true(media_type_in_order(prefix, 2));
    assert_true(media_type_in_order(digits, 2));
    assert_true(media_type_in_order(high, 2));
    assert_false(media_type_in_order(swapped, 2));
    assert_false(media_type_in_order(shorter_last, 2));
    assert_false(media_type_in_order(alike, 2));
    assert_false(media_type_in_order(upper, 1));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_built_in_type_is_found),        cmocka_unit_test(every_built_in_text_has_a_charset),
        cmocka_unit_test(find_in_tables_of_every_size),        cmocka_unit_test(find_does_not_end_at_a_nul),
        cmocka_unit_test(order_is_of_bytes_without_two_alike),
    };
    guarded_open(&guarded);
    int failed = unit_run_rows("media types of names", rows, ROWS(rows), sizeof rows[0], check);
    failed += cmocka_run_group_tests_name("media types", tests, NULL, NULL);
    guarded_close(&guarded);
    return failed;
}
