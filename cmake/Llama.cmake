# landauer_llama: libllama, ggml and libmtmd, looked for in this order:
#   1. -DLANDAUER_LLAMA_DIR=PREFIX
#   2. an installed CMake package of a compatible version
#   3. the pinned commit, built by tools/llama.sh into the user's cache
set(LANDAUER_LLAMA_VERSION 0.5)
if(NOT LANDAUER_LLAMA_DIR)
    find_package(llama ${LANDAUER_LLAMA_VERSION} CONFIG QUIET)
    if(NOT llama_FOUND)
        message(STATUS "Building the pinned llama.cpp (cached after the first time)")
        execute_process(COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tools/llama.sh
            OUTPUT_VARIABLE llama_prefix OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
        set(LANDAUER_LLAMA_DIR ${llama_prefix} CACHE PATH "" FORCE)
    endif()
endif()
if(LANDAUER_LLAMA_DIR)
    list(PREPEND CMAKE_PREFIX_PATH ${LANDAUER_LLAMA_DIR})
    find_package(llama ${LANDAUER_LLAMA_VERSION} CONFIG REQUIRED)
endif()
find_library(LANDAUER_MTMD_LIBRARY mtmd HINTS ${LLAMA_LIB_DIR})
message(STATUS "llama.cpp ${LLAMA_BUILD_COMMIT} from ${LLAMA_LIB_DIR}")

add_library(landauer_llama INTERFACE)
target_link_libraries(landauer_llama INTERFACE $<BUILD_INTERFACE:llama>)
# Headers of others: their warnings are not ours.
target_include_directories(landauer_llama SYSTEM INTERFACE $<BUILD_INTERFACE:${LLAMA_INCLUDE_DIR}>)
target_compile_definitions(landauer_llama INTERFACE
    $<BUILD_INTERFACE:LANDAUER_LLAMA_COMMIT="${LLAMA_BUILD_COMMIT}">
    $<BUILD_INTERFACE:LANDAUER_LLAMA_BUILD="${LLAMA_BUILD_NUMBER}">)
