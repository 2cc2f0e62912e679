# 64-bit x86: static, with musl.
set(bobbin_abi x86_64-linux-musl)
set(bobbin_triplet x86_64-linux-gnu)
set(bobbin_qemu qemu-x86_64)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
