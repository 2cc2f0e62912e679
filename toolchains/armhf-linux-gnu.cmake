# 32-bit ARM from v7 on with Debian's glibc, dynamic: for programs that link other libraries of Debian's armhf.
set(bobbin_abi armhf-linux-gnu)
set(bobbin_triplet arm-linux-gnueabihf)
set(bobbin_qemu qemu-arm)
set(CMAKE_SYSTEM_PROCESSOR armv7l)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
