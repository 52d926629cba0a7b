# What `cmake --install` puts down: the program with its man page and completions, and for other programs the
# public headers, one static library and a CMake package, so that find_package(landauer) gives landauer::landauer.
include(CMakePackageConfigHelpers)

install(TARGETS landauer RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# The rooms an embedding program may use, as one archive: meters, the sampler, windows and law cards. Of `run`
# only the sampler goes in, so that neither llama.cpp nor SQLite is asked of anybody; tests/cmake/consumer links it.
set(sampler_objects
    "$<FILTER:$<TARGET_OBJECTS:landauer_run>,INCLUDE,/(sampler|lane|clock_watch|latency_histogram|read_turn)[.]cpp[.]o$>")
add_library(landauer_embed STATIC $<TARGET_OBJECTS:landauer_core> $<TARGET_OBJECTS:landauer_platform>
    $<TARGET_OBJECTS:landauer_meters> $<TARGET_OBJECTS:landauer_tensor> $<TARGET_OBJECTS:landauer_analysis>
    ${sampler_objects})
target_link_libraries(landauer_embed PUBLIC tl::expected fmt::fmt Threads::Threads OpenSSL::Crypto PkgConfig::hidapi
    PkgConfig::libusb $<TARGET_NAME_IF_EXISTS:PkgConfig::httplib>)
target_include_directories(landauer_embed INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(landauer_embed INTERFACE cxx_std_20)
set_target_properties(landauer_embed PROPERTIES LINKER_LANGUAGE CXX OUTPUT_NAME landauer EXPORT_NAME landauer)

install(TARGETS landauer_embed EXPORT landauerTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/landauer DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h"
    PATTERN "load_model.h" EXCLUDE) # needs libllama, which the package does not ask for

# The vocabularies that synthetic models use.
foreach(vocabulary llama-bpe qwen2)
    if(EXISTS "${llama_vocab_folder}/ggml-vocab-${vocabulary}.gguf")
        install(FILES ${llama_vocab_folder}/ggml-vocab-${vocabulary}.gguf DESTINATION ${CMAKE_INSTALL_DATADIR}/landauer/vocab)
    endif()
endforeach()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/landauer)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/landauerConfig.cmake.in
    ${PROJECT_BINARY_DIR}/landauerConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/landauerConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT landauerTargets NAMESPACE landauer:: DESTINATION ${package_folder})
install(FILES ${PROJECT_BINARY_DIR}/landauerConfig.cmake ${PROJECT_BINARY_DIR}/landauerConfigVersion.cmake
    DESTINATION ${package_folder})

# The program writes its own man page and completions; one that cannot (built for another machine) goes without.
if(NOT CMAKE_CROSSCOMPILING)
    install(CODE "
        function(said_by_landauer folder file)
            execute_process(COMMAND \"$<TARGET_FILE:landauer>\" \${ARGN}
                OUTPUT_VARIABLE said RESULT_VARIABLE status ERROR_QUIET)
            if(status EQUAL 0 AND said)
                file(WRITE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/\${folder}/\${file}\" \"\${said}\")
                message(STATUS \"Installing: \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/\${folder}/\${file}\")
            endif()
        endfunction()
        said_by_landauer(\"${CMAKE_INSTALL_MANDIR}/man1\" landauer.1 man)
        said_by_landauer(\"${CMAKE_INSTALL_DATADIR}/bash-completion/completions\" landauer completion bash)
        said_by_landauer(\"${CMAKE_INSTALL_DATADIR}/zsh/site-functions\" _landauer completion zsh)
        said_by_landauer(\"${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d\" landauer.fish completion fish)
    ")
endif()
