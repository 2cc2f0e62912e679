# Raspberry Pi 3, Zero 2 W and later ones with a 32-bit system: Cortex-A53, which is ARMv8 in AArch32.
set(BOBBIN_BOARD_TOOLCHAIN armhf-linux-musl)
set(BOBBIN_BOARD_FLAGS -mcpu=cortex-a53 -mfpu=neon-fp-armv8)
set(BOBBIN_BOARD_DEFINITIONS BOBBIN_STACK_BYTES=8192)
set(BOBBIN_BOARD_RAM_KIB 1024)
set(BOBBIN_BOARD_FILE_BYTES 86016)
set(BOBBIN_BOARD_CPU max)
set(BOBBIN_BOARD_ARCH "v7|v8")
set(BOBBIN_BOARD_LIKE rpi-2)
