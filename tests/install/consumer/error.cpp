// Tessera beside the C library's <error.h>; and an exception that one can catch,
// whatever library it comes from.
#include <error.h>
#include <tessera/kernels/attention.h>
#include <tessera/translator.h>

#include <cstdio>

int main() {
  try {
    const tessera::Translator translator("no/such/model");
  } catch (const tessera::Error& missing) {
    error(0, 0, "%s", missing.what());
    std::puts("error: fine");
    return 0;
  }
  return 1;
}
