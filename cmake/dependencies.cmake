# What the libraries need: packages of Debian 12 and Ubuntu; newer versions work
# too. The program, tests and benchmarks look for theirs where they are built.
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(dnnl REQUIRED)                      # libdnnl-dev 2.6 or 3.x
find_package(nlohmann_json REQUIRED)             # nlohmann-json3-dev
find_package(ICU REQUIRED COMPONENTS i18n uc)    # libicu-dev
find_package(Threads REQUIRED)
list(PREPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
find_package(SentencePiece REQUIRED)             # libsentencepiece-dev
list(POP_FRONT CMAKE_MODULE_PATH)

# libxsimd-dev: headers only; its CMake target of Debian 12 wants xtl as well.
find_path(XSIMD_INCLUDE xsimd/xsimd.hpp REQUIRED)
mark_as_advanced(XSIMD_INCLUDE)
add_library(tessera_xsimd INTERFACE)
target_include_directories(tessera_xsimd SYSTEM INTERFACE ${XSIMD_INCLUDE})
