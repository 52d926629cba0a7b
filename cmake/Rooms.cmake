# A room: one folder under src/, one static library, everything it links private.
#   landauer_room(NAME [ROOMS other rooms it may include] [PACKAGES third-party targets])
add_library(landauer_headers INTERFACE)
target_include_directories(landauer_headers INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_link_libraries(landauer_headers INTERFACE tl::expected)
target_compile_features(landauer_headers INTERFACE cxx_std_20)

# Warnings, sanitizers and coverage: for our own code only.
add_library(landauer_options INTERFACE)
target_compile_options(landauer_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
    $<$<BOOL:${LANDAUER_WERROR}>:-Werror>
    # GCC 12 sees ghosts in std::string at -O2 (GCC bug 105651); clang and newer GCC keep the check.
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
if(LANDAUER_SANITIZE)
    string(REPLACE ";" "," sanitizers "${LANDAUER_SANITIZE}")
    target_compile_options(landauer_options INTERFACE -fsanitize=${sanitizers} -fno-omit-frame-pointer)
    target_link_options(landauer_options INTERFACE -fsanitize=${sanitizers})
    if(LANDAUER_SANITIZE MATCHES "undefined")
        target_compile_options(landauer_options INTERFACE -fno-sanitize-recover=all)
    endif()
endif()
if(LANDAUER_COVERAGE)
    target_compile_options(landauer_options INTERFACE --coverage -O0 -g)
    target_link_options(landauer_options INTERFACE --coverage)
endif()

function(landauer_room NAME)
    cmake_parse_arguments(ROOM "" "" "ROOMS;PACKAGES" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/${NAME}/*.cpp)
    if(NOT sources)
        file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/empty_${NAME}.cpp CONTENT "// no source yet\n")
        set(sources ${CMAKE_BINARY_DIR}/empty_${NAME}.cpp)
    endif()
    add_library(landauer_${NAME} STATIC ${sources})
    target_link_libraries(landauer_${NAME} PUBLIC landauer_headers PRIVATE landauer_options)
    target_include_directories(landauer_${NAME} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
    if(LANDAUER_SANITIZE AND NAME MATCHES "^(analysis|tensor|image|grad|compress)$")
        # Bootstraps and drawings take minutes at -O0; the other rooms compile three times as fast without optimisation.
        target_compile_options(landauer_${NAME} PRIVATE -O1)
    endif()
    list(TRANSFORM ROOM_ROOMS PREPEND landauer_)
    target_link_libraries(landauer_${NAME} PRIVATE fmt::fmt Threads::Threads ${ROOM_ROOMS} ${ROOM_PACKAGES})
    set_target_properties(landauer_${NAME} PROPERTIES LINKER_LANGUAGE CXX)
endfunction()
