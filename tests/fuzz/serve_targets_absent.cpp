// Without Boost there is no server, whose targets then take all input.
#include "tests/fuzz/targets.h"

namespace tessera::fuzz {

void RequestTarget(std::string_view) {}
void FieldsTarget(std::string_view) {}
void ParamsTarget(std::string_view) {}
void MarkupTarget(std::string_view) {}

}  // namespace tessera::fuzz
