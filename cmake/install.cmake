# `cmake --install`: program, bundled models, library, headers, and the package
# that find_package(tessera) reads. What is installed is listed, file by file.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tessera)
set(header_dir ${CMAKE_INSTALL_INCLUDEDIR}/tessera)

if(TARGET tessera)
  install(TARGETS tessera)
endif()
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

function(install_model name)
  list(TRANSFORM ARGN PREPEND models/bundled/${name}/)
  install(FILES ${ARGN}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/tessera/models/${name})
endfunction()
set(model_files README.md config.json generation_config.json model.safetensors
  tokenizer_config.json training.json)
install_model(tatoeba-en-fr ${model_files} source.spm target.spm vocab.json)
foreach(form vanilla relu additive weighted)
  install_model(digits-${form} ${model_files} source_vocab.json
    target_vocab.json)
endforeach()
install_model(digits-t5 ${model_files} spiece.model)
install_model(numbers-bart ${model_files} vocab.json merges.txt)

# The public headers. Those of <tessera/kernels/attention.h> stand on internal
# ones, which lie where their own includes find them and nobody else's do: a
# folder of a search path that held error.h would hide the C library's.
install(FILES
  engine/include/tessera/attention_report.h
  engine/include/tessera/model_info.h
  engine/include/tessera/options.h
  engine/include/tessera/stream.h
  engine/include/tessera/translation.h
  engine/include/tessera/translator.h
  kernels/include/tessera/error.h
  kernels/include/tessera/export.h
  DESTINATION ${header_dir})
install(FILES kernels/include/tessera/kernels/attention.h
  DESTINATION ${header_dir}/kernels)
foreach(header
    aligned_buffer.h context.h memory_budget.h thread_team.h views.h
    attention/attention.h attention/shape.h
    attention/cache/key_value_blocks.h)
  cmake_path(GET header PARENT_PATH folder)
  install(FILES kernels/${header}
    DESTINATION ${header_dir}/internal/kernels/${folder})
endforeach()

# A component of the other kind of library is there for the tests:
# `cmake --install BUILD --component shared` adds it to a package.
function(install_library kind target)
  install(TARGETS ${target} EXPORT tessera-${kind} ${ARGN})
  install(EXPORT tessera-${kind} NAMESPACE tessera::
    DESTINATION ${package_dir} ${ARGN})
endfunction()
install_library(kernels tessera_kernels)
foreach(kind static shared)
  if(kind STREQUAL tessera_kind)
    install_library(${kind} tessera_${kind})
  elseif(TARGET tessera_${kind})
    install_library(${kind} tessera_${kind} COMPONENT ${kind} EXCLUDE_FROM_ALL)
  endif()
endforeach()

configure_package_config_file(
  cmake/tesseraConfig.cmake.in ${PROJECT_BINARY_DIR}/tesseraConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/tesseraConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/tesseraConfig.cmake
  ${PROJECT_BINARY_DIR}/tesseraConfigVersion.cmake
  cmake/FindSentencePiece.cmake
  DESTINATION ${package_dir})
