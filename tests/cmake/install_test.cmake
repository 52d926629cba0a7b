# Installs the build into an empty folder, moves it, and uses it from outside as a stranger would:
# the program from another folder without our environment, and a ten-line project through find_package(landauer).
#   cmake -DBUILD=FOLDER -DWORK=FOLDER -DCOMPILER=CXX -P install_test.cmake
function(must)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE err)
    if(NOT status EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${command}\nended with ${status}\n${out}\n${err}")
    endif()
    set(said "${out}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
must(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/first)
file(RENAME ${WORK}/first ${WORK}/prefix)
foreach(file bin/landauer include/landauer/meter.h share/man/man1/landauer.1 share/bash-completion/completions/landauer)
    if(NOT EXISTS ${WORK}/prefix/${file})
        message(FATAL_ERROR "${file} was not installed")
    endif()
endforeach()
if(EXISTS ${WORK}/prefix/include/llama.h)
    message(FATAL_ERROR "llama.cpp's headers were installed with ours")
endif()

file(MAKE_DIRECTORY ${WORK}/elsewhere)
must(${CMAKE_COMMAND} -E chdir ${WORK}/elsewhere env -i ${WORK}/prefix/bin/landauer --version)
if(NOT said MATCHES "^landauer [0-9]+\\.[0-9]+\\.[0-9]+")
    message(FATAL_ERROR "the installed program said: ${said}")
endif()

must(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${WORK}/consumer -G Ninja
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_CXX_COMPILER=${COMPILER})
must(${CMAKE_COMMAND} --build ${WORK}/consumer)
must(${WORK}/consumer/consumer ${CMAKE_CURRENT_LIST_DIR}/consumer/law_card.json)
message("${said}")
if(NOT said MATCHES "ticks, law\\(100, 10\\) = 2 s")
    message(FATAL_ERROR "the law card was evaluated to something else")
endif()

# DESTDIR, as packagers use it.
must(${CMAKE_COMMAND} -E env DESTDIR=${WORK}/staged ${CMAKE_COMMAND} --install ${BUILD} --prefix /usr)
foreach(file usr/bin/landauer usr/share/man/man1/landauer.1)
    if(NOT EXISTS ${WORK}/staged/${file})
        message(FATAL_ERROR "DESTDIR was not kept for ${file}")
    endif()
endforeach()
