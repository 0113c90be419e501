#include <tessera/translator.h>

#include <iostream>

int main(int argc, char** argv) {
  const tessera::Translator translator(argc > 1 ? argv[1] : ".");
  const auto translation =
      translator.Translate("Where is the station?", {.beam_size = 4});
  if (!translation.ok()) {
    std::cerr << translation.error << "\n";
    return 1;
  }
  const tessera::Hypothesis& best = translation.hypotheses.front();
  std::cout << best.text << " (score " << best.score << ")\n";
}
