/* How much stack a thread gets in tests: as much as what is built into it needs. */
#ifndef TEST_STACK_H
#define TEST_STACK_H

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TEST_STACK_TSAN
#elif __has_feature(address_sanitizer)
#define TEST_STACK_ASAN
#endif
#elif defined(__SANITIZE_THREAD__)
#define TEST_STACK_TSAN
#elif defined(__SANITIZE_ADDRESS__)
#define TEST_STACK_ASAN
#endif

#ifndef BOBBIN_TEST_STACK
#if defined(TEST_STACK_TSAN)
#define BOBBIN_TEST_STACK 2097152 /* its own record of a thread lies in the stack and takes 900 KB */
#elif defined(TEST_STACK_ASAN)
#define BOBBIN_TEST_STACK 262144
#elif defined(__aarch64__)
#define BOBBIN_TEST_STACK 196608 /* glibc takes no less than 128 KiB there */
#else
#define BOBBIN_TEST_STACK 65536
#endif
#endif

#endif
