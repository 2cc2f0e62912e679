# Raspberry Pi 4, 3 and Zero 2 W with a 64-bit system: ARMv8.0 with the CRC instructions.
set(BOBBIN_BOARD_TOOLCHAIN aarch64-linux-musl)
set(BOBBIN_BOARD_FLAGS -march=armv8-a+crc -mtune=cortex-a72 -mno-outline-atomics)
set(BOBBIN_BOARD_DEFINITIONS BOBBIN_STACK_BYTES=8192)
set(BOBBIN_BOARD_RAM_KIB 1024)
set(BOBBIN_BOARD_FILE_BYTES 139264)
set(BOBBIN_BOARD_CPU cortex-a72)
