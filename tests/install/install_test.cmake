# Installs a build into a folder of its own, then uses it as a stranger would: the
# program with its bundled model, and a project that finds the package.
#
#   cmake -D BUILD=... -D SOURCE=... -D CONFIG=... -D COMPILER=... -D FLAGS=...
#         -D GENERATOR=... -P install_test.cmake
cmake_minimum_required(VERSION 3.25)
set(work ${BUILD}/install_test)
set(prefix ${work}/prefix)
set(model ${prefix}/share/tessera/models/tatoeba-en-fr)
file(REMOVE_RECURSE ${work})

# Runs a command, which must succeed; its standard output goes to `result`.
function(run result)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE out ERROR_VARIABLE err
    RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGN}: ${code}\n${out}${err}")
  endif()
  set(${result} "${out}" PARENT_SCOPE)
endfunction()

function(want text part)
  string(FIND "${text}" "${part}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "want ${part}\nfound ${text}")
  endif()
endfunction()

run(log ${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix} --config ${CONFIG})

run(facts ${prefix}/bin/tessera inspect)
want("${facts}" "${model}\n")

file(GLOB_RECURSE private ${prefix}/include/*_impl.h ${prefix}/include/*simd.h)
if(private)
  message(FATAL_ERROR "want no private header installed, found ${private}")
endif()

set(consumer ${CMAKE_CURRENT_LIST_DIR}/consumer)
run(log ${CMAKE_COMMAND} -S ${consumer} -B ${work}/consumer -G ${GENERATOR}
  -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_BUILD_TYPE=${CONFIG}
  -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_FLAGS=${FLAGS})
run(log ${CMAKE_COMMAND} --build ${work}/consumer)
run(translation ${work}/consumer/translate ${model})
want("${translation}" " gare ")
run(attention ${work}/consumer/attention)
want("${attention}" "attention: fine")

# The README shows that very program.
file(READ ${consumer}/translate.cpp example)
file(READ ${SOURCE}/README.md readme)
want("${readme}" "${example}")
