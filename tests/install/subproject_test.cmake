# Builds a project that has Tessera as a part, with what the libraries need and
# nothing else. Arguments: common.cmake.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
if(NOT CONFIG STREQUAL Release)
  message("skipped: want a Release build, found ${CONFIG}")
  return()
endif()

# That it builds is what is asked: SIMD kernels are optimised all the same.
set(build ${BUILD}/subproject_test)
file(REMOVE_RECURSE ${build})
build_consumer(subproject ${build}
  -DTESSERA_SOURCE=${SOURCE} -DCMAKE_CXX_FLAGS_RELEASE=-O0
  -DCMAKE_DISABLE_FIND_PACKAGE_CLI11=ON
  -DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON
  -DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON)
want_all(${build} ${SOURCE}/models/bundled/tatoeba-en-fr)

# Installing the project installs its own files alone.
run(log ${CMAKE_COMMAND} --install ${build} --prefix ${build}/prefix)
if(EXISTS ${build}/prefix)
  message(FATAL_ERROR "want nothing installed, found ${log}")
endif()
