# For the applications of this repository, before they look for Zephyr: bobbin as a module, and the options that are
# named otherwise in other versions.

# Of a workspace whose manifest does not name it, this repository is a module too. Zephyr 3.4 without west looks at
# ZEPHYR_MODULES alone.
list(APPEND ZEPHYR_EXTRA_MODULES ${CMAKE_CURRENT_LIST_DIR}/..)
find_program(BOBBIN_WEST west)
if(NOT BOBBIN_WEST AND NOT ZEPHYR_MODULES)
    set(ZEPHYR_MODULES ${ZEPHYR_EXTRA_MODULES})
endif()

# Of versions/ the newest that Zephyr is not older than; west sets ZEPHYR_BASE too.
if(NOT EXISTS $ENV{ZEPHYR_BASE}/VERSION)
    message(FATAL_ERROR "ZEPHYR_BASE does not name Zephyr's tree.")
endif()
file(STRINGS $ENV{ZEPHYR_BASE}/VERSION version REGEX "^VERSION_M")
string(REGEX REPLACE "[^0-9;]" "" version "${version}")
string(REPLACE ";" "." version "${version}")
foreach(known 4.3 4.0 3.7 3.4)
    if(version VERSION_GREATER_EQUAL known)
        list(APPEND EXTRA_CONF_FILE ${CMAKE_CURRENT_LIST_DIR}/sample/versions/${known}.conf)
        break()
    endif()
endforeach()
