# Functions of the install tests, whose arguments these are:
#
#   cmake -D BUILD=... -D SOURCE=... -D VERSION=... -D CONFIG=... -D COMPILER=...
#         -D FLAGS=... -D GENERATOR=... -P ..._test.cmake

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

# The names in a folder must be these, in order.
function(want_names folder)
  file(GLOB names RELATIVE ${folder} ${folder}/*)
  if(NOT names STREQUAL "${ARGN}")
    message(FATAL_ERROR "${folder}: want ${ARGN}, found ${names}")
  endif()
endfunction()

# Builds the project of a consumer, with more arguments for cmake.
function(build_consumer project build)
  run(log ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/${project} -B ${build}
    -G ${GENERATOR} -DCMAKE_BUILD_TYPE=${CONFIG}
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_FLAGS=${FLAGS} ${ARGN})
  run(log ${CMAKE_COMMAND} --build ${build})
endfunction()

# Runs its programs.
function(want_attention build)
  run(attention ${build}/attention)
  want("${attention}" "attention: fine")
endfunction()
function(want_all build model)
  want_attention(${build})
  run(translation ${build}/translate ${model})
  want("${translation}" " gare ")
  run(message ${build}/error)
  want("${message}" "error: fine")
endfunction()
