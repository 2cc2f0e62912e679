# 32-bit ARM Linux from ARMv5TE on, so every Raspberry Pi: Debian's gcc-arm-linux-gnueabi, static with glibc. Debian's
# armhf packages are ARMv7: what is linked with them dies on a Pi Zero or Pi 1, whatever -march says.
# Tests run under qemu-arm as an ARM1176, the processor of those two (package qemu-user).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-linux-gnueabi-gcc)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_FIND_ROOT_PATH /usr/arm-linux-gnueabi)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-arm;-cpu;arm1176)
