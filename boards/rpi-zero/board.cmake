# Raspberry Pi Zero, Zero W and Pi 1: ARM1176, which is ARMv6. Its 16-bit instructions spare a fifth of the program;
# there are no atomic ones among them, and libgcc's functions in their place take 4 KB.
set(BOBBIN_BOARD_TOOLCHAIN armel-linux-musl)
set(BOBBIN_BOARD_FLAGS -mcpu=arm1176jzf-s -mthumb)
set(BOBBIN_BOARD_SOURCES atomics.c)
set(BOBBIN_BOARD_DEFINITIONS BOBBIN_STACK_BYTES=8192)
set(BOBBIN_BOARD_RAM_KIB 1024)
set(BOBBIN_BOARD_FILE_BYTES 81920)
set(BOBBIN_BOARD_CPU arm1176)
set(BOBBIN_BOARD_ARCH "v[45].*|v6|v6K|v6KZ")
