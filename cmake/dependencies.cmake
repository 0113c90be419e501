# Packages of Debian 12 and Ubuntu; newer versions work too.
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(dnnl REQUIRED)                      # libdnnl-dev 2.6 or 3.x
find_package(nlohmann_json REQUIRED)             # nlohmann-json3-dev
find_package(ICU REQUIRED COMPONENTS uc)         # libicu-dev
find_package(CLI11 REQUIRED)                     # libcli11-dev
find_package(Threads REQUIRED)

# libxsimd-dev: headers only; its CMake target of Debian 12 wants xtl as well.
find_path(XSIMD_INCLUDE xsimd/xsimd.hpp REQUIRED)
add_library(tessera_xsimd INTERFACE)
target_include_directories(tessera_xsimd SYSTEM INTERFACE
  $<BUILD_INTERFACE:${XSIMD_INCLUDE}>)

# libsentencepiece-dev brings pkg-config data only.
find_library(SENTENCEPIECE_LIBRARY sentencepiece REQUIRED)
find_path(SENTENCEPIECE_INCLUDE sentencepiece_processor.h REQUIRED)
add_library(tessera_sentencepiece INTERFACE)
target_include_directories(tessera_sentencepiece SYSTEM INTERFACE
  $<BUILD_INTERFACE:${SENTENCEPIECE_INCLUDE}>)
target_link_libraries(tessera_sentencepiece INTERFACE ${SENTENCEPIECE_LIBRARY})
