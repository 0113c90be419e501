# Finds libsentencepiece, which brings pkg-config data only: the target
# SentencePiece::sentencepiece. Installed with the package, whose static library
# needs it.
find_library(SENTENCEPIECE_LIBRARY sentencepiece)
find_path(SENTENCEPIECE_INCLUDE sentencepiece_processor.h)
mark_as_advanced(SENTENCEPIECE_LIBRARY SENTENCEPIECE_INCLUDE)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SentencePiece
  REQUIRED_VARS SENTENCEPIECE_LIBRARY SENTENCEPIECE_INCLUDE)
if(SentencePiece_FOUND AND NOT TARGET SentencePiece::sentencepiece)
  add_library(SentencePiece::sentencepiece UNKNOWN IMPORTED)
  set_target_properties(SentencePiece::sentencepiece PROPERTIES
    IMPORTED_LOCATION ${SENTENCEPIECE_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${SENTENCEPIECE_INCLUDE})
endif()
