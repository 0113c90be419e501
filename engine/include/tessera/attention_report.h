// Who looks at whom: the attention weights of one translation, by token.
#ifndef TESSERA_ATTENTION_REPORT_H_
#define TESSERA_ATTENTION_REPORT_H_

#include <tessera/export.h>
#include <tessera/options.h>
#include <tessera/translation.h>
#include <tessera/translator.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

// One of the three attentions of an encoder-decoder, in all its layers and
// heads. Shapes: H heads, n queries, m keys.
struct AttentionTable {
  std::vector<std::string> queries;  // [n]: the pieces that look
  std::vector<std::string> keys;     // [m]: the pieces they look at
  std::size_t heads = 0;             // H
  // By layer, the first one first: f32 [H, n, m], 0 where a query may not look.
  // With softmax the weights of a query sum to 1, or to 0 if it may look at
  // nothing; other normalisers promise no sum.
  std::vector<std::vector<float>> layers;
  std::vector<std::uint8_t> visible;  // [n, m]: 0 where a query may not look

  float Weight(std::size_t layer, std::size_t head, std::size_t query,
               std::size_t key) const {
    return layers[layer][(head * queries.size() + query) * keys.size() + key];
  }
  bool Sees(std::size_t query, std::size_t key) const {
    return visible[query * keys.size() + key] != 0;
  }
};

// The weights with which a model reads a source of S tokens and writes its
// output of T. The pieces read by the decoder are those it has written, one
// step later: the start token first, the last one not at all.
struct AttentionReport {
  Hypothesis output;       // its pieces are the queries of decoder and cross
  AttentionTable encoder;  // source looks at source: n = m = S
  AttentionTable decoder;  // n = m = T: query t writes piece t and sees the
                           // pieces read so far, keys 0 to t
  AttentionTable cross;    // output looks at source: n = T, m = S
};

// Translates a text, unsplit whatever the options say, and gives the attention
// weights with which the model reads it and writes the best hypothesis. They
// are computed on the calling thread and take 4 bytes for each layer, head,
// query and key. Throws Error for options out of range and for a text that is
// empty or cannot be translated.
TESSERA_API AttentionReport Explain(const Translator& translator,
                                    std::string_view text,
                                    const TranslateOptions& options = {});

// The same of an output that was translated from the text, unsplit, with these
// options. Throws Error for one without tokens.
TESSERA_API AttentionReport ExplainOutput(const Translator& translator,
                                          std::string_view text,
                                          Hypothesis output,
                                          const TranslateOptions& options = {});

}  // namespace tessera

#endif  // TESSERA_ATTENTION_REPORT_H_
