# Which board the build is for. Included before project(): the board's folder names the toolchain.
#
# A board.cmake sets of these what differs from here:
#   BOBBIN_BOARD_TOOLCHAIN    a file of toolchains/, without .cmake; empty: this machine's compiler
#   BOBBIN_BOARD_FLAGS        of the compiler, for the processor
#   BOBBIN_BOARD_DEFINITIONS  limits of core/include/bobbin/config.h, such as BOBBIN_MAX_CLIENTS=8
#   BOBBIN_BOARD_SOURCES      files of the board's folder that go into the program
#   BOBBIN_BOARD_RAM_KIB      the most memory that clients and data may take; the build fails above it
#   BOBBIN_BOARD_FILE_BYTES   the largest file the stripped program may be; the build fails above it
#   BOBBIN_BOARD_FIRMWARE     ON: there is no system; FreeRTOS, lwIP and app/firmware are the whole program, and:
#   BOBBIN_BOARD_FLASH_KIB    the most that the program may take of flash
#   BOBBIN_BOARD_FREERTOS_PORT, BOBBIN_BOARD_LINKER_SCRIPT   a folder of FreeRTOS's portable/, a file of the board's
#   BOBBIN_BOARD_CPU          the processor that qemu-user is told to be
#   BOBBIN_BOARD_ARCH         what readelf -A may call the program's architecture, a regular expression
#   BOBBIN_BOARD_LIKE         another board with the same ABI: ./scripts/test runs the longest tests on that one alone
set(BOBBIN_BOARD host CACHE STRING "A folder of boards/: its limits and flags")
if(NOT EXISTS ${CMAKE_CURRENT_LIST_DIR}/${BOBBIN_BOARD}/board.cmake)
    file(GLOB boards RELATIVE ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_CURRENT_LIST_DIR}/*/board.cmake)
    list(TRANSFORM boards REPLACE "/board.cmake$" "")
    list(JOIN boards ", " boards)
    message(FATAL_ERROR "There is no board '${BOBBIN_BOARD}'. There are: ${boards}.")
endif()
foreach(setting TOOLCHAIN FLAGS DEFINITIONS SOURCES RAM_KIB FILE_BYTES CPU ARCH LIKE
        FIRMWARE FLASH_KIB FREERTOS_PORT LINKER_SCRIPT)
    set(BOBBIN_BOARD_${setting} "")
endforeach()
include(${CMAKE_CURRENT_LIST_DIR}/${BOBBIN_BOARD}/board.cmake)
if(BOBBIN_BOARD_FIRMWARE)
    include(${CMAKE_CURRENT_LIST_DIR}/firmware.cmake)
endif()
if(BOBBIN_BOARD_TOOLCHAIN)
    # Nothing is ever thrown: the tables would be 4 to 8 KB of each program. Functions that are inlined pile up in one
    # frame: with -fconserve-stack no more of them than the client's stack can do with.
    list(APPEND BOBBIN_BOARD_FLAGS -fno-unwind-tables -fno-asynchronous-unwind-tables -fconserve-stack)
endif()

if(BOBBIN_BOARD_TOOLCHAIN AND NOT CMAKE_TOOLCHAIN_FILE)
    get_filename_component(toolchain ${CMAKE_CURRENT_LIST_DIR}/../toolchains/${BOBBIN_BOARD_TOOLCHAIN}.cmake ABSOLUTE)
    set(CMAKE_TOOLCHAIN_FILE ${toolchain} CACHE FILEPATH "The board's, unless another was given")
    include(${toolchain}) # read twice: when it fails within project(), what it says drowns in what follows from it
endif()

# The program as it goes to the device: stripped, and within the board's budgets.
function(bobbin_fit_board program)
    target_link_options(${program} PRIVATE LINKER:-s LINKER:--build-id=none LINKER:-Map,${PROJECT_BINARY_DIR}/bobbin.map)
    if(CMAKE_SYSTEM_PROCESSOR STREQUAL aarch64) # kernels with pages of 4, 16 and 64 KiB are about
        target_link_options(${program} PRIVATE LINKER:-z,max-page-size=65536)
    elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL mipsel) # OpenWrt has 4 KiB; for 64 KiB the linker fills up with zeros
        target_link_options(${program} PRIVATE LINKER:-z,max-page-size=4096)
    endif()
    foreach(source IN LISTS BOBBIN_BOARD_SOURCES)
        set(source ${PROJECT_SOURCE_DIR}/boards/${BOBBIN_BOARD}/${source})
        target_sources(${program} PRIVATE ${source})
        # What the compiler itself calls must be there when the link-time optimization is over.
        set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS -fno-lto)
    endforeach()
    add_library(bobbin-plan OBJECT ${PROJECT_SOURCE_DIR}/boards/plan.c)
    target_include_directories(bobbin-plan PRIVATE ${PROJECT_SOURCE_DIR}/core ${PROJECT_SOURCE_DIR}/port/include)
    target_link_libraries(bobbin-plan PRIVATE bobbin-core)
    add_dependencies(${program} bobbin-plan)
    string(REGEX REPLACE "gcc$" "size" size ${CMAKE_C_COMPILER})
    set(check ${PROJECT_SOURCE_DIR}/boards/check_budgets.cmake)
    set_property(TARGET ${program} APPEND PROPERTY LINK_DEPENDS ${check} $<TARGET_OBJECTS:bobbin-plan>)
    add_custom_command(TARGET ${program} POST_BUILD VERBATIM COMMAND ${CMAKE_COMMAND}
        -D BOARD=${BOBBIN_BOARD} -D PROGRAM=$<TARGET_FILE:${program}> -D PLAN=$<TARGET_OBJECTS:bobbin-plan>
        -D PLAN_TEXT=${PROJECT_BINARY_DIR}/plan -D NM=${CMAKE_NM} -D SIZE=${size} -D RAM_KIB=${BOBBIN_BOARD_RAM_KIB}
        -D FILE_BYTES=${BOBBIN_BOARD_FILE_BYTES} -P ${check})
endfunction()
