// Which target tokens the outputs of a source are chosen from.
#ifndef TESSERA_ENGINE_SHORTLIST_SHORTLIST_H_
#define TESSERA_ENGINE_SHORTLIST_SHORTLIST_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "models/model.h"

namespace tessera::engine {

// How long lists get.
struct ShortlistSize {
  std::size_t first;  // in every list: ids below it, and targets of NULL
  std::size_t best;   // targets of each source token
};

// A lexical table, cut to the best targets of each source token. Immutable: any
// number of threads may use it. The list of a source depends on the source
// alone, never on others that are translated beside it.
class Shortlist {
 public:
  // Reads the table from a file. Throws what ReadLexicalTable throws.
  Shortlist(const std::filesystem::path& file, ShortlistSize size,
            const Tokenizer& tokenizer, const models::ModelInfo& model,
            std::vector<std::string>& warnings);

  // The tokens for a source, rising ids without repeats:
  //   ids below size.first and the size.first best targets of NULL; the
  //   size.best best ones of each source token, and that token itself where the
  //   target vocabulary has its piece; control tokens: ends, start, padding,
  //   unknown; and `wanted`.
  std::vector<std::int32_t> TokensFor(
      std::span<const std::int32_t> source,
      std::span<const std::int32_t> wanted) const;

 private:
  void AddAlways(const ShortlistSize& size, const Tokenizer& tokenizer,
                 const models::ModelInfo& model);

  std::vector<std::int32_t> always_;   // in every list
  std::vector<std::int32_t> targets_;  // of source tokens, one after another
  std::vector<std::size_t> ends_;      // [source vocabulary]: where they end
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SHORTLIST_SHORTLIST_H_
