# `cmake --install`: program, bundled model, libraries, headers, and the package
# that find_package(tessera) reads.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tessera)

install(TARGETS tessera)
install(DIRECTORY models/bundled/ DESTINATION ${CMAKE_INSTALL_DATADIR}/tessera/models)
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# <tessera/translator.h>, and each operation as <tessera/kernels/...>. Those
# include each other as "kernels/...", which include/tessera resolves.
install(DIRECTORY engine/include/ kernels/include/
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY kernels/
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tessera/kernels
  FILES_MATCHING PATTERN "*.h"
  PATTERN "include" EXCLUDE
  PATTERN "*_impl.h" EXCLUDE
  PATTERN "simd.h" EXCLUDE)   # of the sources of kernels alone

target_compile_features(tessera_kernels INTERFACE cxx_std_20)
set_target_properties(tessera_kernels PROPERTIES EXPORT_NAME kernels)
set_target_properties(tessera_models PROPERTIES EXPORT_NAME models)
set_target_properties(tessera_engine PROPERTIES EXPORT_NAME tessera)
# Static libraries name all that they were linked to, so the package has our own
# interface targets too; FindSentencePiece.cmake finds that library anew.
set_target_properties(tessera_sentencepiece PROPERTIES INTERFACE_LINK_LIBRARIES
  "$<BUILD_INTERFACE:${SENTENCEPIECE_LIBRARY}>;$<INSTALL_INTERFACE:SentencePiece::sentencepiece>")
install(TARGETS tessera_kernels tessera_models tessera_engine
                tessera_sentencepiece tessera_xsimd tessera_warnings
  EXPORT tesseraTargets)
install(EXPORT tesseraTargets NAMESPACE tessera:: DESTINATION ${package_dir})

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
