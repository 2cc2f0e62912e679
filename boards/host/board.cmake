# The machine that builds, with its own compiler and C library: core/include/bobbin/config.h as it stands.
