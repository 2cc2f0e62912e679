# 32-bit ARM from v5TE on, so every Raspberry Pi: static, with musl. Debian's armhf packages, musl too, are ARMv7:
# what is linked with them dies on a Pi Zero or Pi 1, whatever -march says.
set(bobbin_abi armel-linux-musl)
set(bobbin_triplet arm-linux-gnueabi)
set(bobbin_qemu qemu-arm)
set(CMAKE_SYSTEM_PROCESSOR armv5tel)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
