# 64-bit RISC-V, RV64GC: static, with musl.
set(bobbin_abi riscv64-linux-musl)
set(bobbin_triplet riscv64-linux-gnu)
set(bobbin_qemu qemu-riscv64)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
