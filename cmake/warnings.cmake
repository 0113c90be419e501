# Warnings for our own code; linked privately by every target.
add_library(tessera_warnings INTERFACE)
target_compile_options(tessera_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wshadow
  $<$<BOOL:${TESSERA_WERROR}>:-Werror>)
