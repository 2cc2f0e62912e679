# Pages inside a program: see bobbin/pages.h for what serves them.
#
#   bobbin_embed(TARGET DIR [PREFIX] [NAME symbol] [IMMUTABLE regex])
#
# The files of DIR and below become read-only data of TARGET, and "symbol.h" can be included there:
# extern const struct bobbin_pages symbol. It is made anew at each build in which a file changed, came or went.
#
#   PREFIX     such as "/ui" stands before all paths; "/" unless given
#   NAME       the symbol; the last part of DIR unless given
#   IMMUTABLE  matches paths whose content never changes, beside those that carry a hash: app.3f2a9c1b.js
#
# Names that begin with a dot are left out, and so are links to folders; a link to a file is that file. Needs CMake
# alone, 3.20 or later: no other tool of the machine that builds.
cmake_policy(PUSH)
cmake_policy(VERSION 3.20)

function(bobbin_embed target dir)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "NAME;IMMUTABLE" "")
    list(LENGTH arg_UNPARSED_ARGUMENTS count)
    if(count GREATER 1 OR arg_KEYWORDS_MISSING_VALUES)
        message(FATAL_ERROR "bobbin_embed(${target} ${dir}): these arguments make no sense: "
            "${arg_UNPARSED_ARGUMENTS} ${arg_KEYWORDS_MISSING_VALUES}")
    endif()
    if(NOT TARGET ${target})
        message(FATAL_ERROR "bobbin_embed: there is no target '${target}'.")
    endif()
    get_filename_component(dir "${dir}" ABSOLUTE)
    if(NOT IS_DIRECTORY "${dir}")
        message(FATAL_ERROR "bobbin_embed: ${dir} is not a folder.")
    endif()
    bobbin_embed_symbol(name "${arg_NAME}" "${dir}")
    bobbin_embed_prefix(prefix "${arg_UNPARSED_ARGUMENTS}")
    bobbin_embed_files(files "${dir}")

    # What is to be made, in a file: the build knows by it that a file went, or that an argument changed.
    set(out "${CMAKE_CURRENT_BINARY_DIR}/bobbin_embed/${name}")
    bobbin_embed_types(types)
    set(order "set(dir [==[${dir}]==])\nset(out [==[${out}]==])\nset(name ${name})\nset(prefix [==[${prefix}]==])\n"
        "set(immutable [==[${arg_IMMUTABLE}]==])\nset(types [==[${types}]==])\nset(files \"\")\n")
    string(CONCAT order ${order})
    foreach(file IN LISTS files)
        string(APPEND order "list(APPEND files [==[${file}]==])\n")
    endforeach()

    set(made "${target}-embeds-${name}")
    get_property(before GLOBAL PROPERTY "bobbin_embed ${out}")
    if(before)
        # Another target of this folder embeds the same: one build step for both, lest they write at once.
        set(made ${before})
        file(READ "${out}/order.cmake" other)
        if(NOT other STREQUAL order)
            message(FATAL_ERROR "bobbin_embed: '${name}' is made with other arguments already; tell another NAME.")
        endif()
    else()
        bobbin_embed_write("${out}/order.cmake" "${order}")
        bobbin_embed_header("${out}" ${name})
        set(script "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/embed_folder.cmake")
        list(TRANSFORM files PREPEND "${dir}/" OUTPUT_VARIABLE inputs)
        add_custom_command(OUTPUT "${out}/${name}.c"
            COMMAND "${CMAKE_COMMAND}" "-DORDER=${out}/order.cmake" -P "${script}"
            DEPENDS "${script}" "${types}" "${out}/order.cmake" ${inputs}
            COMMENT "Embedding ${name}" VERBATIM)
        add_custom_target(${made} DEPENDS "${out}/${name}.c")
        set_property(GLOBAL PROPERTY "bobbin_embed ${out}" ${made})
    endif()
    add_dependencies(${target} ${made})
    target_sources(${target} PRIVATE "${out}/${name}.c")
    set_source_files_properties("${out}/${name}.c" TARGET_DIRECTORY ${target} PROPERTIES GENERATED TRUE)
    target_include_directories(${target} PRIVATE "${out}")
endfunction()

function(bobbin_embed_symbol result name dir)
    if(name STREQUAL "")
        get_filename_component(name "${dir}" NAME)
        string(MAKE_C_IDENTIFIER "${name}" name)
    endif()
    set(words auto break case char const continue default do double else enum extern float for goto if inline int long
        register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
        class delete export friend namespace new operator private protected public template this throw try using
        virtual main)
    if(NOT name MATCHES "^[A-Za-z_][A-Za-z0-9_]*$" OR name IN_LIST words)
        message(FATAL_ERROR "bobbin_embed: '${name}' cannot be the name of data in C; tell another NAME.")
    endif()
    set(${result} "${name}" PARENT_SCOPE)
endfunction()

function(bobbin_embed_prefix result prefix)
    if(NOT prefix MATCHES "^(/[A-Za-z0-9_~.-]+)*/?$" OR prefix MATCHES "/\\.\\.?(/|$)")
        message(FATAL_ERROR "bobbin_embed: PREFIX '${prefix}' is not a path such as /ui.")
    endif()
    string(REGEX REPLACE "/$" "" prefix "${prefix}")
    set(${result} "${prefix}" PARENT_SCOPE)
endfunction()

# Where this file is installed, the table stands beside it.
function(bobbin_embed_types result)
    set(types "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/media_types.def")
    if(NOT EXISTS "${types}")
        get_filename_component(types "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../core/media_types.def" ABSOLUTE)
    endif()
    set(${result} "${types}" PARENT_SCOPE)
endfunction()

# The folder's files, relative to it. CMake looks again before each build.
function(bobbin_embed_files result dir)
    string(REGEX REPLACE "([[*?])" "[\\1]" pattern "${dir}")
    file(GLOB_RECURSE found LIST_DIRECTORIES false CONFIGURE_DEPENDS "${pattern}/*")
    # UTF-8 (RFC 3629) without control characters, in hexadecimal digits: two and two.
    set(tail "[89ab][0-9a-f]")
    string(CONCAT text "^([2-6][0-9a-f]|7[0-9a-e]|(c[2-9a-f]|d[0-9a-f])${tail}|(e0[ab][0-9a-f]|e[1-9a-cef]${tail}|"
        "ed[89][0-9a-f])${tail}|(f0[9ab][0-9a-f]|f[1-3]${tail}|f48[0-9a-f])${tail}${tail})*$")
    string(LENGTH "${dir}/" skipped)
    set(files "")
    foreach(path IN LISTS found)
        # A ";" in a name makes two of it; brackets that do not match make one of two.
        string(FIND "${path}" "${dir}/" at)
        if(NOT at EQUAL 0 OR NOT EXISTS "${path}")
            message(FATAL_ERROR "bobbin_embed: cannot embed '${path}': there is no such file to read. CMake cannot "
                "keep names with a semicolon or with a bracket that has no partner, and a link may be broken.")
        endif()
        string(SUBSTRING "${path}" ${skipped} -1 file)
        if("/${file}" MATCHES "/\\." OR IS_DIRECTORY "${path}") # a link to a folder is listed as a file
            continue()
        endif()
        string(HEX "${file}" hex)
        if(NOT hex MATCHES "${text}" OR file MATCHES "[\\]")
            message(FATAL_ERROR "bobbin_embed: cannot embed '${path}': a backslash, a control character, or bytes "
                "that are not UTF-8 stand in its name, which no client asks for.")
        endif()
        # What ninja, make and what CMake makes for them cannot name.
        string(REGEX REPLACE "\\[[^][]*\\]" "" plain "${file}")
        string(REGEX REPLACE "\\[[^][]*\\]" "" plain "${plain}") # as in [[name]]
        if(file MATCHES "[\"$:|]| $" OR plain MATCHES "[][]")
            message(FATAL_ERROR "bobbin_embed: cannot embed '${path}': one of \" $ : | in its name, a space at its "
                "end or a bracket without a partner, which CMake and build tools cannot keep.")
        endif()
        list(APPEND files "${file}")
    endforeach()
    set(${result} "${files}" PARENT_SCOPE)
endfunction()

function(bobbin_embed_write path text)
    set(old "")
    if(EXISTS "${path}")
        file(READ "${path}" old)
    endif()
    if(NOT old STREQUAL text)
        file(WRITE "${path}" "${text}")
    endif()
endfunction()

function(bobbin_embed_header out name)
    string(TOUPPER "${name}_PAGES_H" guard)
    string(CONCAT text "/* Made by bobbin_embed. */\n#ifndef ${guard}\n#define ${guard}\n\n"
        "#include \"bobbin/pages.h\"\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
        "extern const struct bobbin_pages ${name};\n\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n")
    bobbin_embed_write("${out}/${name}.h" "${text}")
endfunction()

cmake_policy(POP)
