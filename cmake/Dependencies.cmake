# Everything landauer takes from others, and why: docs/dependencies.md.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(SQLiteCpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(PkgConfig REQUIRED)
pkg_check_modules(hidapi REQUIRED IMPORTED_TARGET hidapi-hidraw)
pkg_check_modules(libusb REQUIRED IMPORTED_TARGET libusb-1.0)

# OpenBLAS with the C interface of LAPACK, which Debian ships apart from it.
pkg_check_modules(openblas REQUIRED IMPORTED_TARGET openblas)
find_path(LANDAUER_LAPACKE_FOLDER lapacke.h REQUIRED HINTS ${openblas_INCLUDE_DIRS})
find_library(LANDAUER_LAPACKE_LIBRARY NAMES lapacke)
add_library(landauer_lapack INTERFACE)
target_include_directories(landauer_lapack SYSTEM INTERFACE ${LANDAUER_LAPACKE_FOLDER})
if(LANDAUER_LAPACKE_LIBRARY)
    target_link_libraries(landauer_lapack INTERFACE ${LANDAUER_LAPACKE_LIBRARY})
endif()
target_link_libraries(landauer_lapack INTERFACE PkgConfig::openblas)

# Debian's cpp-httplib is compiled, with what its .pc says; elsewhere it is one header.
add_library(landauer_httplib INTERFACE)
pkg_check_modules(httplib IMPORTED_TARGET cpp-httplib)
if(httplib_FOUND)
    target_link_libraries(landauer_httplib INTERFACE PkgConfig::httplib)
else()
    find_path(LANDAUER_HTTPLIB_FOLDER httplib.h REQUIRED)
    target_include_directories(landauer_httplib SYSTEM INTERFACE ${LANDAUER_HTTPLIB_FOLDER})
    target_compile_definitions(landauer_httplib INTERFACE CPPHTTPLIB_OPENSSL_SUPPORT)
    target_link_libraries(landauer_httplib INTERFACE OpenSSL::SSL OpenSSL::Crypto)
endif()

# Single headers, compiled within the image room.
find_path(LANDAUER_STB_FOLDER stb_image.h PATH_SUFFIXES stb REQUIRED)
add_library(landauer_stb INTERFACE)
target_include_directories(landauer_stb SYSTEM INTERFACE ${LANDAUER_STB_FOLDER})

include(Llama)
