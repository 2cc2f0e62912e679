# 64-bit ARM with Debian's glibc, dynamic: for programs that link other libraries of Debian's arm64.
set(bobbin_abi aarch64-linux-gnu)
set(bobbin_triplet aarch64-linux-gnu)
set(bobbin_qemu qemu-aarch64)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
