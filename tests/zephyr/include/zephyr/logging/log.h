/* Of Zephyr's logging, what zephyr/ uses. */
#ifndef STUB_LOG_H
#define STUB_LOG_H

#define LOG_MODULE_REGISTER(name, level) extern int name##_log[(level) + 1]

void log_stub(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define LOG_ERR log_stub
#define LOG_WRN log_stub
#define LOG_INF log_stub

#endif
