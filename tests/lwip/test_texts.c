/* app/lwip/texts.c: addresses and labels of text. */
#include <string.h>

#include "texts.h"
#include "unit.h"

struct row {
    const char *name;
    const char *text;
    const char *read; /* as dotted numbers or a label; NULL: refused */
};

static const struct row hosts[] = {
    {"host_of_a_home_network", "10.0.0.2/24", "10.0.0.2/255.255.255.0"},
    {"host_of_the_largest_network", "100.64.0.1/1", "100.64.0.1/128.0.0.0"},
    {"host_of_the_smallest_network", "192.168.255.253/30", "192.168.255.253/255.255.255.252"},
    {"host_across_a_byte", "172.16.5.1/20", "172.16.5.1/255.255.240.0"},
    {"host_without_length", "10.0.0.2", NULL},
    {"host_of_no_network", "10.0.0.2/0", NULL},
    {"host_of_two_on_a_wire", "10.0.0.2/31", NULL},
    {"host_with_more_bits_than_there_are", "10.0.0.2/256", NULL},
    {"host_that_is_the_network", "10.0.0.0/24", NULL},
    {"host_that_is_everybody", "10.0.0.255/24", NULL},
    {"host_that_is_loopback", "127.0.0.1/8", NULL},
    {"host_that_is_a_group", "224.0.0.251/24", NULL},
    {"host_that_is_nobody", "0.0.0.2/24", NULL},
    {"host_with_three_numbers", "10.0.2/24", NULL},
    {"host_with_five_numbers", "10.0.0.0.2/24", NULL},
    {"host_with_a_number_too_large", "10.0.0.256/24", NULL},
    {"host_with_a_number_that_wraps", "10.0.0.4294967298/24", NULL},
    {"host_with_octal", "10.0.0.02/24", NULL},
    {"host_with_hex", "10.0.0.0x2/24", NULL},
    {"host_with_a_blank", "10.0.0.2/24 ", NULL},
    {"host_with_a_sign", "10.0.0.2/+24", NULL},
    {"host_of_nothing", "", NULL},
};

static const struct row macs[] = {
    {"mac_lower", "02:00:5e:10:00:01", "2.0.94.16.0.1"},
    {"mac_upper", "02:00:5E:1F:00:FF", "2.0.94.31.0.255"},
    {"mac_of_a_group", "01:00:5e:00:00:01", NULL},
    {"mac_of_nobody", "00:00:00:00:00:00", NULL},
    {"mac_too_short", "02:00:5e:10:00", NULL},
    {"mac_too_long", "02:00:5e:10:00:01:02", NULL},
    {"mac_with_hyphens", "02-00-5e-10-00-01", NULL},
    {"mac_with_one_digit", "2:00:5e:10:00:01", NULL},
    {"mac_cut", "02:00:5e:10:00:0", NULL},
    {"mac_of_nothing", "", NULL},
};

static const struct row labels[] = {
    {"label_as_it_is", "Greenhouse-7", "Greenhouse-7"},
    {"label_of_words", "Green house <1>", "Green-house-1"},
    {"label_in_brackets", "--(x)--", "x"},
    {"label_of_utf8", "K\xc3\xbc" "che", "K-che"},
    {"label_of_nothing", "", "bobbin"},
    {"label_of_signs", " .!", "bobbin"},
    {"label_that_is_cut", "0123456789012345678901234567890123456789012345678901234567890123",
     "012345678901234567890123456789012345678901234567890"},
    {"label_that_is_cut_at_a_gap", "01234567890123456789012345678901234567890123456789  1",
     "01234567890123456789012345678901234567890123456789"},
};

/* The bytes as dotted numbers, behind what the text has already. */
static void put(char *text, const char *between, const uint8_t *bytes, int count)
{
    strcat(text, between);
    for (int i = 0; i < count; i++) {
        char digits[8] = {0};
        int at = 0;

        if (i > 0)
            digits[at++] = '.';
        if (bytes[i] >= 100)
            digits[at++] = (char)('0' + bytes[i] / 100);
        if (bytes[i] >= 10)
            digits[at++] = (char)('0' + bytes[i] / 10 % 10);
        digits[at] = (char)('0' + bytes[i] % 10);
        strcat(text, digits);
    }
}

static void check(const struct row *row, int read, const char *text)
{
    assert_int_equal(read, row->read != NULL);
    if (row->read != NULL)
        assert_string_equal(text, row->read);
}

static void check_host(void **state)
{
    const struct row *row = *state;
    uint8_t ip[4], mask[4];
    char text[64] = "";
    int read = text_to_host(row->text, ip, mask);

    if (read) {
        put(text, "", ip, 4);
        put(text, "/", mask, 4);
    }
    check(row, read, text);
}

static void check_mac(void **state)
{
    const struct row *row = *state;
    uint8_t mac[6];
    char text[64] = "";
    int read = text_to_mac(row->text, mac);

    if (read)
        put(text, "", mac, 6);
    check(row, read, text);
}

static void check_label(void **state)
{
    const struct row *row = *state;
    char label[LABEL_BYTES + 1];

    text_to_label(row->text, label);
    check(row, 1, label);
}

int main(void)
{
    return unit_run_rows("hosts", hosts, ROWS(hosts), sizeof *hosts, check_host) +
           unit_run_rows("macs", macs, ROWS(macs), sizeof *macs, check_mac) +
           unit_run_rows("labels", labels, ROWS(labels), sizeof *labels, check_label);
}
