# landauer_llama: libllama, ggml and libmtmd, looked for in this order:
#   1. -DLANDAUER_LLAMA_DIR=PREFIX
#   2. an installed CMake package of a compatible version, with libmtmd
#   3. the pinned commit, built by tools/llama.sh into the user's cache
set(LANDAUER_LLAMA_VERSION 0.5)

# What an earlier configure found is forgotten, so that another prefix is really another.
foreach(found llama_DIR ggml_DIR llama_LIBRARY LANDAUER_MTMD_LIBRARY)
    unset(${found} CACHE)
endforeach()

set(llama_prefix ${LANDAUER_LLAMA_DIR})
if(NOT llama_prefix)
    find_package(llama ${LANDAUER_LLAMA_VERSION} CONFIG QUIET)
    if(llama_FOUND)
        find_library(LANDAUER_MTMD_LIBRARY mtmd HINTS ${LLAMA_LIB_DIR})
    endif()
    if(NOT llama_FOUND OR NOT LANDAUER_MTMD_LIBRARY)
        set(llama_FOUND FALSE)
        unset(llama_DIR CACHE)
        execute_process(COMMAND ${PROJECT_SOURCE_DIR}/tools/llama.sh
            OUTPUT_VARIABLE llama_prefix OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE llama_status)
        if(NOT llama_status EQUAL 0)
            message(FATAL_ERROR "llama.cpp could not be built (see above). "
                "Fix what it says, or name a prefix yourself: -DLANDAUER_LLAMA_DIR=PREFIX")
        endif()
    endif()
endif()
if(llama_prefix)
    list(PREPEND CMAKE_PREFIX_PATH ${llama_prefix})
    find_package(llama ${LANDAUER_LLAMA_VERSION} CONFIG REQUIRED)
    find_library(LANDAUER_MTMD_LIBRARY mtmd REQUIRED HINTS ${LLAMA_LIB_DIR} NO_DEFAULT_PATH)
endif()

# How it was built rides with every result. tools/llama.sh leaves a record in its prefix.
set(llama_build "build ${LLAMA_BUILD_NUMBER}, ${LLAMA_VERSION}, built elsewhere")
set(llama_openmp "")
if(llama_prefix AND EXISTS ${llama_prefix}/share/landauer-llama.txt)
    file(STRINGS ${llama_prefix}/share/landauer-llama.txt record)
    foreach(line IN LISTS record)
        if(line MATCHES "^build: (.*)$")
            set(llama_build ${CMAKE_MATCH_1})
        elseif(line MATCHES "^openmp: (.+)$")
            set(llama_openmp ${CMAKE_MATCH_1})
        endif()
    endforeach()
endif()
if(llama_openmp)
    # Built by clang: its objects want clang's OpenMP runtime, whichever compiler links them.
    get_filename_component(llama_openmp ${llama_openmp} REALPATH)
    foreach(target ggml::ggml-base ggml::ggml-cpu)
        get_target_property(links ${target} INTERFACE_LINK_LIBRARIES)
        list(FILTER links EXCLUDE REGEX "^OpenMP::")
        set_target_properties(${target} PROPERTIES INTERFACE_LINK_LIBRARIES "${links};${llama_openmp}")
    endforeach()
endif()
message(STATUS "llama.cpp ${LLAMA_BUILD_COMMIT} from ${LLAMA_LIB_DIR} (${llama_build})")

add_library(landauer_llama INTERFACE)
target_link_libraries(landauer_llama INTERFACE ${LANDAUER_MTMD_LIBRARY} llama)
# Headers of others: their warnings are not ours.
target_include_directories(landauer_llama SYSTEM INTERFACE ${LLAMA_INCLUDE_DIR})
target_compile_definitions(landauer_llama INTERFACE
    LANDAUER_LLAMA_COMMIT="${LLAMA_BUILD_COMMIT}" LANDAUER_LLAMA_BUILD="${llama_build}")

# llama.cpp's vocabulary-only files, for synthetic models. The pinned prefix lies beside its source.
set(LANDAUER_VOCAB_FOLDER "" CACHE PATH "Folder with llama.cpp's ggml-vocab-*.gguf; empty: its source in the cache, if it is there")
set(llama_vocab_folder ${LANDAUER_VOCAB_FOLDER})
if(NOT llama_vocab_folder AND llama_prefix)
    get_filename_component(llama_home ${llama_prefix} DIRECTORY)
    if(EXISTS ${llama_home}/src-${LLAMA_BUILD_COMMIT}/models/ggml-vocab-llama-bpe.gguf)
        set(llama_vocab_folder ${llama_home}/src-${LLAMA_BUILD_COMMIT}/models)
    endif()
endif()

# ggml's own headers for devices are not installed: the device of factorised matrices needs them.
set(LANDAUER_GGML_SOURCE "" CACHE PATH "ggml/src of the very llama.cpp that is linked; empty: the one in the cache, if it is there")
set(llama_ggml_source ${LANDAUER_GGML_SOURCE})
if(NOT llama_ggml_source AND llama_prefix)
    get_filename_component(llama_home ${llama_prefix} DIRECTORY)
    if(EXISTS ${llama_home}/src-${LLAMA_BUILD_COMMIT}/ggml/src/ggml-backend-impl.h)
        set(llama_ggml_source ${llama_home}/src-${LLAMA_BUILD_COMMIT}/ggml/src)
    endif()
endif()
if(NOT llama_ggml_source)
    message(STATUS "No ggml/src: this build cannot run files of factors (-DLANDAUER_GGML_SOURCE=FOLDER)")
endif()
