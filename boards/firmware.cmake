# Boards whose program is firmware: included by boards.cmake, before project().
set(FREERTOS_DIR "$ENV{FREERTOS_DIR}" CACHE PATH "FreeRTOS-Kernel's source, version 10.4 or later")
if(NOT EXISTS ${FREERTOS_DIR}/portable/${BOBBIN_BOARD_FREERTOS_PORT}/port.c)
    message(FATAL_ERROR "FREERTOS_DIR not given: the board ${BOBBIN_BOARD} needs FreeRTOS, which is no part of "
        "bobbin. Type: -D FREERTOS_DIR=FOLDER, a folder of FreeRTOS-Kernel's source "
        "(https://github.com/FreeRTOS/FreeRTOS-Kernel) with portable/${BOBBIN_BOARD_FREERTOS_PORT}/port.c in it.")
endif()
set(BOBBIN_PORT lwip CACHE STRING "The port")
# The parts stay apart when they are linked, and the build tells what each takes.
set(BOBBIN_LTO OFF CACHE BOOL "Optimize the program when it is linked (GCC)")

list(TRANSFORM BOBBIN_BOARD_SOURCES PREPEND ${CMAKE_CURRENT_LIST_DIR}/${BOBBIN_BOARD}/
    OUTPUT_VARIABLE BOBBIN_BOARD_SOURCES_IN_PLACE)
set(BOBBIN_BOARD_LINKER_SCRIPT_IN_PLACE ${CMAKE_CURRENT_LIST_DIR}/${BOBBIN_BOARD}/${BOBBIN_BOARD_LINKER_SCRIPT})
