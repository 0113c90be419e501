# Adds sources to tessera_kernels; `*_<isa>.cpp` get the flags of that level.
set(TESSERA_FLAGS_avx2 -mavx2 -mfma -mf16c -mbmi2)
set(TESSERA_FLAGS_avxvnni ${TESSERA_FLAGS_avx2} -mavxvnni)
set(TESSERA_FLAGS_avx512 -march=skylake-avx512)
set(TESSERA_FLAGS_avx512vnni -march=icelake-server)
set(TESSERA_FLAGS_avx512bf16 -march=cooperlake)
# Not -march=sapphirerapids: compilers would use AVX-512 FP16, which Isa::kAmx
# does not promise (Clang 14 does).
set(TESSERA_FLAGS_amx -march=icelake-server -mavx512bf16 -mamx-tile -mamx-int8
  -mamx-bf16)

set(TESSERA_KERNEL_FLAGS -O3 CACHE STRING
  "Flags of the SIMD sources in every build type")

function(tessera_kernel_sources)
  foreach(source IN LISTS ARGN)
    target_sources(tessera_kernels PRIVATE ${source})
    if(NOT source MATCHES "_(avx2|avxvnni|avx512|avx512vnni|avx512bf16|amx)\\.cpp$")
      continue()
    endif()
    # Always optimised, in every preset: out-of-line copies of shared inline
    # functions, compiled for a wide CPU, must not appear in these objects.
    set(flags ${TESSERA_FLAGS_${CMAKE_MATCH_1}} ${TESSERA_KERNEL_FLAGS}
      -fno-exceptions)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # GCC 12's own AVX-512 headers trip over this warning (GCC bug 105593).
      list(APPEND flags -Wno-uninitialized -Wno-maybe-uninitialized)
    endif()
    set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "${flags}")
  endforeach()
endfunction()
