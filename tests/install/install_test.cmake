# Installs a build into a folder of its own, then uses it as a stranger would: the
# program with its bundled model, and projects that find the package, with the
# static library and with the shared one. Arguments: common.cmake.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
set(work ${BUILD}/install_test)
set(prefix ${work}/prefix)
set(model ${prefix}/share/tessera/models/tatoeba-en-fr)
file(REMOVE_RECURSE ${work})

run(log ${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix} --config ${CONFIG})
foreach(kind static shared)
  run(log ${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix}
    --config ${CONFIG} --component ${kind})
endforeach()

run(facts ${prefix}/bin/tessera inspect)
want("${facts}" "${model}\n")

# Folders of a search path hold one folder each, so that they hide nobody's
# headers; and headers of the sources of kernels stay at home.
want_names(${prefix}/include tessera)
want_names(${prefix}/include/tessera/internal kernels)
want_names(${prefix}/include/tessera/kernels attention.h)
file(GLOB_RECURSE private ${prefix}/include/*_impl.h ${prefix}/include/*simd*
  ${prefix}/include/parallel.h)
if(private)
  message(FATAL_ERROR "want no private header installed, found ${private}")
endif()

build_consumer(consumer ${work}/static -DCMAKE_PREFIX_PATH=${prefix})
want_all(${work}/static ${model})
# With the shared library, or attention alone, one needs no other package.
set(alone -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_DISABLE_FIND_PACKAGE_dnnl=ON
  -DCMAKE_DISABLE_FIND_PACKAGE_ICU=ON
  -DCMAKE_DISABLE_FIND_PACKAGE_SentencePiece=ON)
build_consumer(consumer ${work}/shared ${alone} -DBUILD_SHARED_LIBS=ON)
want_all(${work}/shared ${model})
build_consumer(consumer ${work}/kernels ${alone} -DCOMPONENTS=kernels)
want_attention(${work}/kernels)

# While the version is 0, each minor one is an interface of its own.
string(REGEX MATCH "^[0-9]+\\.[0-9]+" interface ${VERSION})
run(needed readelf -d ${work}/shared/translate)
want("${needed}" "[libtessera.so.${interface}]")

# The README shows that very program.
file(READ ${CMAKE_CURRENT_LIST_DIR}/consumer/translate.cpp example)
file(READ ${SOURCE}/README.md readme)
want("${readme}" "${example}")
