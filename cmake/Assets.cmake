# Files built into the program as text, for compilers without #embed.
#   landauer_embed(TARGET SOURCE.cpp NAME=FILE ..)   one `Asset` a file (src/report/assets.h), in this order
set(LANDAUER_JS_DIR "" CACHE PATH "Folder as tools/js.sh fills it; empty: have it filled, in the user's cache")
if(NOT LANDAUER_JS_DIR)
    execute_process(COMMAND ${PROJECT_SOURCE_DIR}/tools/js.sh
        OUTPUT_VARIABLE js_folder OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    set(LANDAUER_JS_DIR ${js_folder} CACHE PATH "" FORCE)
endif()

function(landauer_embed TARGET SOURCE)
    set(files)
    foreach(pair IN LISTS ARGN)
        string(REGEX REPLACE "^[^=]*=" "" file ${pair})
        list(APPEND files ${file})
    endforeach()
    set(script ${PROJECT_SOURCE_DIR}/cmake/embed.cmake)
    string(REPLACE ";" "|" pairs "${ARGN}")
    add_custom_command(OUTPUT ${SOURCE}
        COMMAND ${CMAKE_COMMAND} "-DPAIRS=${pairs}" "-DOUT=${SOURCE}" -P ${script}
        DEPENDS ${files} ${script} COMMENT "Embedding the report's scripts and styles" VERBATIM)
    # The target may belong to another folder, which does not see this one's commands.
    add_custom_target(${TARGET}_assets DEPENDS ${SOURCE})
    add_dependencies(${TARGET} ${TARGET}_assets)
    set_source_files_properties(${SOURCE} TARGET_DIRECTORY ${TARGET} PROPERTIES GENERATED TRUE)
    target_sources(${TARGET} PRIVATE ${SOURCE})
endfunction()
