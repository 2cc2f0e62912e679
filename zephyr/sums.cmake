# What CONFIG_BOBBIN_MAX_CLIENTS takes of what Zephyr's options provide. A sum that does not add up ends the build, in
# figures: at run time it would be clients that are never answered, or a network stack that waits for packets which
# only it could free. Reads CONFIG_* alone, so that cmake -P can run it too.

# The first of these options that this version of Zephyr has: newer ones come first.
function(bobbin_option name value)
    foreach(option IN LISTS ARGN)
        if(DEFINED CONFIG_${option})
            set(${name} CONFIG_${option} PARENT_SCOPE)
            set(${value} ${CONFIG_${option}} PARENT_SCOPE)
            return()
        endif()
    endforeach()
    set(${name} "" PARENT_SCOPE)
endfunction()

# bobbin_sum(WHAT TERMS OPTION...): the terms, such as "5 threads + 1 listener", may not be more than the option.
function(bobbin_sum what terms)
    bobbin_option(name has ${ARGN})
    if(name STREQUAL "")
        return()
    endif()
    string(REGEX REPLACE "[A-Za-z(),.-]+" "" numbers "${terms}")
    math(EXPR need "${numbers}")
    if(need GREATER has)
        message(SEND_ERROR "bobbin: ${what}: ${terms} = ${need}, and ${name} is ${has}. Raise it, or lower "
            "CONFIG_BOBBIN_MAX_CLIENTS.")
    endif()
endfunction()

math(EXPR threads "${CONFIG_BOBBIN_MAX_CLIENTS} + 1") # the one at the door
set(listeners "${CONFIG_BOBBIN_LISTENERS} listeners")
bobbin_sum("pthreads" "${CONFIG_BOBBIN_MAX_CLIENTS} clients + 1 at the door"
    POSIX_THREAD_THREADS_MAX MAX_PTHREAD_COUNT)

# Since 4.3 there are as many descriptors as all parts of Zephyr ask for, if that is more.
get_cmake_property(variables VARIABLES)
set(added 0)
foreach(variable IN LISTS variables)
    if(variable MATCHES "^CONFIG_ZVFS_OPEN_ADD_SIZE_" AND NOT CONFIG_ZVFS_OPEN_IGNORE_MIN)
        math(EXPR added "${added} + ${${variable}}")
    endif()
endforeach()
set(descriptors ZVFS_OPEN_MAX POSIX_OPEN_MAX POSIX_MAX_FDS)
if(added GREATER CONFIG_ZVFS_OPEN_MAX)
    set(CONFIG_ZVFS_OPEN_ADD_SIZE_* ${added})
    set(descriptors ZVFS_OPEN_ADD_SIZE_*)
endif()
bobbin_sum("descriptors" "${threads} threads + ${listeners} + 3 of stdio" ${descriptors})
bobbin_sum("poll" "${listeners}" ZVFS_POLL_MAX NET_SOCKETS_POLL_MAX)

# A connection that was closed keeps its context while it stands in TIME_WAIT.
set(connections "${threads} threads + ${listeners} + 1 that comes")
if(CONFIG_NET_TCP_TIME_WAIT_DELAY GREATER 0)
    string(APPEND connections " + ${threads} in TIME_WAIT")
endif()
bobbin_sum("network contexts" "${connections}" NET_MAX_CONTEXTS)
bobbin_sum("connections" "${connections}" NET_MAX_CONN)

# Each connection keeps a packet of either kind, and moves at least one.
math(EXPR kept "${threads} + ${CONFIG_BOBBIN_LISTENERS} + 1")
bobbin_sum("packets received" "${kept} connections + ${threads} on their way" NET_PKT_RX_COUNT)
bobbin_sum("packets sent" "${kept} connections + ${threads} on their way + 1 of ARP" NET_PKT_TX_COUNT)

# Bytes that peers do not take, or threads do not, stay in buffers that all connections share. Without a window of its
# own, Zephyr gives each connection a third of them.
function(bobbin_buffers what count window least)
    if(NOT DEFINED CONFIG_NET_BUF_DATA_SIZE OR NOT DEFINED ${count})
        return() # buffers of variable size are not looked at
    endif()
    math(EXPR bytes "${${count}} * ${CONFIG_NET_BUF_DATA_SIZE}")
    set(each ${${window}})
    if(each EQUAL 0)
        math(EXPR each "${bytes} / 3")
    endif()
    if(each LESS least)
        set(each ${least})
    endif()
    math(EXPR need "${threads} * ${each} + 1500")
    if(need GREATER bytes)
        message(SEND_ERROR "bobbin: ${what}: ${threads} threads * ${each} of window + 1500 of a packet = ${need} "
            "bytes, and ${count} (${${count}}) * CONFIG_NET_BUF_DATA_SIZE (${CONFIG_NET_BUF_DATA_SIZE}) is ${bytes}. "
            "Raise it, set ${window}, or lower CONFIG_BOBBIN_MAX_CLIENTS.")
    endif()
endfunction()
bobbin_buffers("buffers for what is received" CONFIG_NET_BUF_RX_COUNT CONFIG_NET_TCP_MAX_RECV_WINDOW_SIZE 1)
bobbin_buffers("buffers for what is sent" CONFIG_NET_BUF_TX_COUNT CONFIG_NET_TCP_MAX_SEND_WINDOW_SIZE 1280)

# Where POSIX_API is not taken as a whole, its parts have to be there.
if(CONFIG_BOBBIN_POSIX_GROUPS AND NOT CONFIG_POSIX_API)
    foreach(group POSIX_THREADS POSIX_TIMERS POSIX_NETWORKING POSIX_DEVICE_IO)
        if(NOT CONFIG_${group})
            message(SEND_ERROR "bobbin: CONFIG_BOBBIN_POSIX_GROUPS is set, and CONFIG_${group} is not.")
        endif()
    endforeach()
endif()
