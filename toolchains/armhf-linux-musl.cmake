# 32-bit ARM from v7 on, with a floating-point unit: static, with musl. Not for a Pi Zero or Pi 1: see armel.
set(bobbin_abi armhf-linux-musl)
set(bobbin_triplet arm-linux-gnueabihf)
set(bobbin_qemu qemu-arm)
set(CMAKE_SYSTEM_PROCESSOR armv7l)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
