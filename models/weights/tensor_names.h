// What tensors are called: the names that layers ask for, and the tables that
// lead from these to the names and layouts of files.
#ifndef TESSERA_MODELS_WEIGHTS_TENSOR_NAMES_H_
#define TESSERA_MODELS_WEIGHTS_TENSOR_NAMES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::models {

// The names that layers and loaders ask for, the same for every architecture.
// STACK is encoder or decoder, N counts layers, B branches; a matrix M has
// M.weight [outputs, inputs] and M.bias [outputs].
//
//   matrices   output                                        of the vocabulary
//              STACK.tokens, STACK.positions                 tables
//              STACK.layers.N.ATTENTION.{query,key,value,output,score}
//              STACK.layers.N.self_attention.relative_bias   [buckets, H]
//              STACK.layers.N.feed_forward.{in,gate,out}
//              STACK.layers.N.branches.{B,shared}.{in,out}
//              STACK.layers.N.ATTENTION.head_biases          [H, D], of
//              branches
//   vectors    PLACE.norm.{scale,offset}, STACK.embedding_norm.{scale,offset}
//              STACK.layers.N.branches.{kappa,alpha}
//   ATTENTION  self_attention, cross_attention
//   PLACE      STACK,
//   STACK.layers.N.{ATTENTION,feed_forward,branches.{B,shared}}

// In which order a file keeps the axes of a tensor, outermost first:
//
//   o, i  outputs and inputs; a vector has outputs only
//   O, I  heads of the outputs or inputs, whose o or i is then within a head
//   1     an axis of size 1
//   +     heads that are summed
//
// "io" is a transposed matrix, "Ioi" W^O [D, H C] kept as [H, D, C].
struct TensorForm {
  std::string matrix = "oi";
  std::string vector = "o";  // empty: zeros, which no file holds
  // A matrix is the product with a square one, STORED.first, applied before.
  bool two_step = false;
};

// Where a tensor, or all tensors of a matrix or norm, are in the file.
struct TensorRule {
  std::string name;  // as above; each * stands for one part between dots
  // The first of these that is there; a * is what that of `name` stands for. A
  // rule that names no single tensor is followed by ".weight" for `weight` and
  // `scale`, ".bias" for `bias` and `offset`. Tensors of the same bytes that
  // are there under several of these names are one.
  std::vector<std::string> stored;
  TensorForm form = {};
  bool optional = false;                     // zeros where it is absent
  std::optional<std::size_t> zero_row = {};  // zeros, whatever is stored
};

// The table of one architecture in one kind of file.
struct TensorNames {
  std::string prefix;  // of stored names; files may lack it
  std::vector<TensorRule> rules;
  std::size_t heads = 1;  // of axes O, I and +
};

// A tensor in the file: its names by preference, without prefix.
struct TensorPlace {
  const TensorRule* rule;
  std::vector<std::string> stored;
  std::string first;  // of two steps, else empty
};

// Throws Error where no rule fits.
TensorPlace FindPlace(const TensorNames& names, std::string_view name);

// How layers keep their matrices, by what these are to heads.
struct LayerForms {
  TensorForm to_heads;    // W^Q, W^K, W^V
  TensorForm from_heads;  // W^O
  TensorForm others;
};

// The layers and positions of BART and its relatives in Transformers: Marian,
// mBART, Pegasus, M2M100.
std::vector<TensorRule> BartRules(const LayerForms& forms = {});

// Which of the matrices of vocabularies are one.
struct TokenTables {
  bool shared = true;  // the embeddings of source and target
  bool tied = true;    // the output projection and the target's embeddings
  // Of matrices that should be one and differ, each is read under its own name.
  // Otherwise the first that is there is all of them.
  bool own_copies = false;
};

// Adds these matrices as Transformers names them: of those that are one, any
// one name survives in a file, depending on what saved it. The first that is
// there counts: shared, encoder.embed_tokens, decoder.embed_tokens, lm_head.
void AddTokenRules(const TokenTables& tables, std::vector<TensorRule>& rules);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_TENSOR_NAMES_H_
