/* FreeRTOS: numbers that are hard to guess, as hard as the board's noise makes them. Each call stirs the noise of
 * its moment into a state that nobody sees, by the rounds of HalfSipHash; a driver that calls for each frame stirs in
 * when the frames came. */
#include "FreeRTOS.h"
#include "board.h"
#include "os.h"
#include "task.h"

#define TURN(value, bits) ((value) << (bits) | (value) >> (32 - (bits)))

struct state {
    uint32_t a, b, c, d;
};

static struct state kept = {0x3b1e8a47, 0xd90c55f2, 0x6c796765, 0x74656462}; /* in a critical section */

static void mix(struct state *s, int rounds)
{
    while (rounds-- > 0) {
        s->a += s->b;
        s->b = TURN(s->b, 5) ^ s->a;
        s->a = TURN(s->a, 16);
        s->c += s->d;
        s->d = TURN(s->d, 8) ^ s->c;
        s->a += s->d;
        s->d = TURN(s->d, 7) ^ s->a;
        s->c += s->b;
        s->b = TURN(s->b, 13) ^ s->c;
        s->c = TURN(s->c, 16);
    }
}

uint32_t os_random(void)
{
    uint32_t noise = board_noise();
    taskENTER_CRITICAL();
    kept.d ^= noise;
    mix(&kept, 2);
    kept.a ^= noise;
    struct state told = kept;
    taskEXIT_CRITICAL();
    told.c ^= 0xee; /* from here on the two go different ways */
    mix(&told, 4);
    return told.b ^ told.d;
}
