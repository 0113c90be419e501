# tessera::tessera: kernels, models and engine in one library with the public
# headers alone, libtessera.a or, with BUILD_SHARED_LIBS, libtessera.so. For the
# tests both are made, from the same objects.
set(tessera_kind static)
if(BUILD_SHARED_LIBS)
  set(tessera_kind shared)
endif()

function(tessera_library kind)
  string(TOUPPER ${kind} type)
  add_library(tessera_${kind} ${type}
    $<TARGET_OBJECTS:tessera_kernels>
    $<TARGET_OBJECTS:tessera_models>
    $<TARGET_OBJECTS:tessera_engine>)
  target_compile_features(tessera_${kind} INTERFACE cxx_std_20)
  target_include_directories(tessera_${kind} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/engine/include>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/kernels/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(tessera_${kind} PRIVATE
    OpenMP::OpenMP_CXX Threads::Threads DNNL::dnnl
    SentencePiece::sentencepiece ICU::i18n ICU::uc)
  set_target_properties(tessera_${kind} PROPERTIES
    OUTPUT_NAME tessera
    EXPORT_NAME tessera
    LINKER_LANGUAGE CXX)
endfunction()

foreach(kind static shared)
  if(TESSERA_TESTS OR kind STREQUAL tessera_kind)
    tessera_library(${kind})
  endif()
endforeach()
add_library(tessera::tessera ALIAS tessera_${tessera_kind})

if(TARGET tessera_shared)
  # While the major version is 0, each minor version may break the interface.
  # Templates of the standard library are visible whatever compilers are told:
  # the linker keeps them inside.
  set(exports ${CMAKE_CURRENT_LIST_DIR}/exports.map)
  set_target_properties(tessera_shared PROPERTIES
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    LINK_DEPENDS ${exports})
  target_link_options(tessera_shared PRIVATE
    LINKER:--version-script=${exports})
endif()
