/* A wire between two TAP devices, as bad as it is told to be: wire TAP TAP [LOSS DELAY REORDER SEED]
 *
 * LOSS and REORDER in percent, DELAY in ms each way. A frame that is reordered is not delayed. Prints a line when
 * both devices are its own, and what became of the frames at SIGTERM. */
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define FRAMES      8192 /* under way each way, at most; more are lost */
#define FRAME_BYTES 1600
#define NS_A_MS     1000000ULL

struct frame {
    uint64_t due_ns;
    ssize_t length;
    char bytes[FRAME_BYTES];
};

struct way {
    int from, to;
    struct frame frames[FRAMES];
    unsigned first, count;
};

static struct way ways[2];
static unsigned loss, reorder;
static uint64_t delay_ns, random_state;
static unsigned long lost, passed, reordered;
static volatile sig_atomic_t ends;

static void end(int number)
{
    (void)number;
    ends = 1;
}

static int open_tap(const char *name)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &request) != 0) {
        perror(name);
        exit(1);
    }
    return fd;
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* xorshift64: the same every time for a seed. */
static bool happens(unsigned percent)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % 100 < percent;
}

static void send_frame(const struct way *way, const struct frame *frame)
{
    if (write(way->to, frame->bytes, (size_t)frame->length) < 0)
        lost++; /* the device is down, or full */
    else
        passed++;
}

/* All that have come. */
static void take(struct way *way)
{
    for (;;) {
        struct frame *frame = &way->frames[(way->first + way->count) % FRAMES];
        frame->length = read(way->from, frame->bytes, sizeof frame->bytes);
        if (frame->length <= 0)
            return;
        if (happens(loss) || way->count == FRAMES - 1) {
            lost++;
        } else if (delay_ns == 0 || happens(reorder)) {
            reordered += delay_ns != 0;
            send_frame(way, frame);
        } else {
            frame->due_ns = now_ns() + delay_ns;
            way->count++;
        }
    }
}

/* Those whose time has come; when the next one's will have, or `never`. */
static uint64_t give(struct way *way, uint64_t now)
{
    for (; way->count > 0; way->count--) {
        const struct frame *frame = &way->frames[way->first];
        if (frame->due_ns > now)
            return frame->due_ns;
        send_frame(way, frame);
        way->first = (way->first + 1) % FRAMES;
    }
    return UINT64_MAX;
}

static void run(void)
{
    struct pollfd ready[2] = {{.fd = ways[0].from, .events = POLLIN}, {.fd = ways[1].from, .events = POLLIN}};
    while (!ends) {
        uint64_t now = now_ns(), next = UINT64_MAX;
        for (int i = 0; i < 2; i++) {
            uint64_t due = give(&ways[i], now);
            next = due < next ? due : next;
        }
        struct timespec left = {.tv_sec = 0, .tv_nsec = next == UINT64_MAX ? 0 : (long)(next - now)};
        if (ppoll(ready, 2, next == UINT64_MAX ? NULL : &left, NULL) <= 0)
            continue;
        for (int i = 0; i < 2; i++) {
            if (ready[i].revents != 0)
                take(&ways[i]);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 7) {
        fputs("wire TAP TAP [LOSS DELAY REORDER SEED]\n", stderr);
        return 2;
    }
    if (argc == 7) {
        loss = (unsigned)strtoul(argv[3], NULL, 10);
        delay_ns = strtoull(argv[4], NULL, 10) * NS_A_MS;
        reorder = (unsigned)strtoul(argv[5], NULL, 10);
    }
    random_state = argc == 7 ? strtoull(argv[6], NULL, 10) + 1 : 1;
    signal(SIGTERM, end);
    int one = open_tap(argv[1]), other = open_tap(argv[2]);
    ways[0].from = ways[1].to = one;
    ways[1].from = ways[0].to = other;
    puts("ready");
    fflush(stdout);
    run();
    printf("%lu passed, %lu of them reordered, %lu lost\n", passed, reordered, lost);
    return 0;
}
