/* Every limit that costs memory, and the defaults of those that are set at run time. A board, Kconfig or
 * -D overrides the value; what is impossible does not compile. Times are in ms, sizes in bytes. */
#ifndef BOBBIN_CONFIG_H
#define BOBBIN_CONFIG_H

/* -- memory, for each client -- */

#ifndef BOBBIN_STACK_BYTES /* a client thread's stack: the cap. glibc takes no less than 16 KiB */
#define BOBBIN_STACK_BYTES 16384
#endif

#ifndef BOBBIN_BUFFER_BYTES /* the request's head, what was sent after it, and replies not sent yet */
#define BOBBIN_BUFFER_BYTES 4096
#endif

#ifndef BOBBIN_CLIENT_BYTES /* the bookkeeping, for static arrays; where pointers are short less will do */
#define BOBBIN_CLIENT_BYTES 1024
#endif

#ifndef BOBBIN_PAGE_BYTES /* the largest page that guards are made of, 0 without an MMU; costs addresses, no RAM */
#define BOBBIN_PAGE_BYTES 65536
#endif

/* -- the whole server -- */

#ifndef BOBBIN_SERVER_BYTES /* what it takes beside its clients, likewise */
#define BOBBIN_SERVER_BYTES 2048
#endif

#ifndef BOBBIN_MAX_CLIENTS /* served at once; one more thread stands at the door */
#define BOBBIN_MAX_CLIENTS 64
#endif

#ifndef BOBBIN_PER_ADDRESS_OF /* of so many clients, those from one address: a machine cannot take every place */
#define BOBBIN_PER_ADDRESS_OF(clients) (((clients)*3 + 3) / 4)
#endif

#ifndef BOBBIN_LISTENERS /* addresses listened on; some 32 bytes each */
#define BOBBIN_LISTENERS 8
#endif

/* -- requests: no memory of their own, a bound on what a peer may ask for; 0 is not "no limit" -- */

#ifndef BOBBIN_MAX_HEAD /* the whole head as sent, dropped lines too: 431 */
#define BOBBIN_MAX_HEAD 16384
#endif

#ifndef BOBBIN_MAX_REQUEST_LINE /* 414; it has to fit the buffer as well */
#define BOBBIN_MAX_REQUEST_LINE 2048
#endif

#ifndef BOBBIN_MAX_FIELDS /* field lines of a head, dropped ones too: 431 */
#define BOBBIN_MAX_FIELDS 64
#endif

#ifndef BOBBIN_MAX_BODY /* 413; a route may set its own */
#define BOBBIN_MAX_BODY 1048576
#endif

#ifndef BOBBIN_MAX_DRAIN /* of a body that no handler read: read and forgotten up to here, else the connection ends */
#define BOBBIN_MAX_DRAIN 65536
#endif

/* -- what costs code: a device that has no use for it leaves it out -- */

#ifndef BOBBIN_LOG_LEVEL /* what the log is told: 1 errors, 2 warnings too, 3 all; 0 nothing, and no words of it */
#define BOBBIN_LOG_LEVEL 3
#endif

#ifndef BOBBIN_IPV6 /* 0: the network has none */
#define BOBBIN_IPV6 1
#endif

#ifndef BOBBIN_DATE /* 0: nobody sets the clock, so that replies have no Date anyway (RFC 9110 §6.6.1) */
#define BOBBIN_DATE 1
#endif

#ifndef BOBBIN_REASONS /* 0: status lines without the phrase, as RFC 9112 §4 has it, and error pages too */
#define BOBBIN_REASONS 1
#endif

/* -- times -- */

#ifndef BOBBIN_IDLE_TIMEOUT_MS /* from accept, or from a reply's end, to the first byte of a request */
#define BOBBIN_IDLE_TIMEOUT_MS 15000
#endif

#ifndef BOBBIN_REQUEST_TIMEOUT_MS /* from a request's first byte to the end of its head */
#define BOBBIN_REQUEST_TIMEOUT_MS 10000
#endif

#ifndef BOBBIN_BODY_TIMEOUT_MS /* from the first read of a body to its end, see BOBBIN_MIN_RATE */
#define BOBBIN_BODY_TIMEOUT_MS 10000
#endif

#ifndef BOBBIN_SEND_TIMEOUT_MS /* from a reply's first byte to its end, see BOBBIN_MIN_RATE */
#define BOBBIN_SEND_TIMEOUT_MS 10000
#endif

/* Bodies and replies may be long: each byte that moved puts their deadline off by 1/rate s. A peer that keeps
 * below this rate (bytes/s) is cut when the time above is used up, one that keeps above it never. */
#ifndef BOBBIN_MIN_RATE
#define BOBBIN_MIN_RATE 1024
#endif

#ifndef BOBBIN_GRACE_MS /* after bobbin_stop, for the requests in flight */
#define BOBBIN_GRACE_MS 5000
#endif

#ifndef BOBBIN_LINGER_MS /* a closed connection is still read, so that the peer gets to read the last reply */
#define BOBBIN_LINGER_MS 2000
#endif

#ifndef BOBBIN_FRESH_MS /* a connection without its first request makes no room for others before this age */
#define BOBBIN_FRESH_MS 250
#endif

#ifndef BOBBIN_RETRY_AFTER_S /* told to those who find the house full */
#define BOBBIN_RETRY_AFTER_S 5
#endif

#ifndef __cplusplus
_Static_assert(BOBBIN_BUFFER_BYTES >= 512, "a browser's request line and Host, and a reply's head, need 512 bytes");
_Static_assert(BOBBIN_STACK_BYTES >= 1024, "no thread runs on less than 1 KiB");
_Static_assert((BOBBIN_PAGE_BYTES & (BOBBIN_PAGE_BYTES - 1)) == 0, "a page is a power of two, or 0");
_Static_assert(BOBBIN_MAX_CLIENTS >= 1, "a server serves somebody");
_Static_assert(BOBBIN_LISTENERS >= 1, "a server listens somewhere");
_Static_assert(BOBBIN_MIN_RATE >= 1, "a rate of 0 would never end");
#endif

#endif
