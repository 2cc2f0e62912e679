# 32-bit little-endian MIPS without a floating-point unit, from the 24Kc on: static, with musl. OpenWrt's kernels do
# not emulate one either.
set(bobbin_abi mipsel-sf-linux-musl)
set(bobbin_triplet mipsel-linux-gnu)
set(bobbin_qemu qemu-mipsel)
set(bobbin_flags "-march=24kc -msoft-float")
set(CMAKE_SYSTEM_PROCESSOR mipsel)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
