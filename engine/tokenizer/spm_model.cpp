// The known fields of sentencepiece_model.proto as tables, and the checks of
// what they hold.
#include "engine/tokenizer/spm_model.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "engine/tokenizer/charsmap_check.h"
#include "engine/tokenizer/protobuf.h"
#include "engine/tokenizer/text.h"
#include "models/files/message.h"

namespace tessera::engine {
namespace {

using models::Cat;
using models::Refuse;

constexpr std::string_view kWhat = "a SentencePiece model";
constexpr std::size_t kMaxPieces = 1'000'000;  // published ones: 256,000
constexpr std::size_t kMaxPieceBytes = 1024;
constexpr std::size_t kMaxNested = 64;  // PrefixMatcher::PrefixMatch

struct KnownField {
  enum class Kind : std::uint8_t { kBool, kEnum, kScore, kText, kCharsmap };

  std::uint32_t number;
  Kind kind;
  std::uint64_t max = 0;  // of an enumeration, which begins with 1
};
using Kind = KnownField::Kind;

// Of ModelProto.
constexpr std::uint32_t kPieces = 1, kTrainer = 2, kNormalizer = 3,
                        kDenormalizer = 5;
constexpr std::uint32_t kPieceText = 1, kPieceType = 3;
constexpr KnownField kPieceFields[] = {
    {kPieceText, Kind::kText}, {2, Kind::kScore}, {kPieceType, Kind::kEnum, 6}};
constexpr KnownField kTrainerFields[] = {
    {3, Kind::kEnum, 4},  // model_type
    {24, Kind::kBool},    // treat_whitespace_as_suffix
    {35, Kind::kBool},    // byte_fallback
    {44, Kind::kText},    // unk_surface
    {45, Kind::kText},    // unk_piece
    {46, Kind::kText},    // bos_piece
    {47, Kind::kText},    // eos_piece
    {48, Kind::kText}};   // pad_piece
constexpr KnownField kNormalizerFields[] = {
    {2, Kind::kCharsmap},
    {3, Kind::kBool},   // add_dummy_prefix
    {4, Kind::kBool},   // remove_extra_whitespaces
    {5, Kind::kBool}};  // escape_whitespaces

[[noreturn]] void RefuseText(std::string_view where, std::size_t bytes) {
  Refuse(where, "UTF-8 of 1 to 1024 bytes without NUL",
         Cat("other ", bytes, " bytes"));
}

// Only pieces must not be empty, which Pieces sees to.
void CheckText(std::string_view where, std::string_view text) {
  const bool sound = text.size() <= kMaxPieceBytes &&
                     text.find('\0') == std::string_view::npos &&
                     ValidUtf8Prefix(text) == text.size();
  if (!sound) RefuseText(where, text.size());
}

WireType TypeOf(Kind kind) {
  if (kind == Kind::kBool || kind == Kind::kEnum) return WireType::kVarint;
  return kind == Kind::kScore ? WireType::kFixed32 : WireType::kBytes;
}

void CheckNumber(const KnownField& known, std::string_view where,
                 std::uint64_t value) {
  const std::uint64_t min = known.kind == Kind::kEnum ? 1 : 0;
  const std::uint64_t max = known.kind == Kind::kEnum ? known.max : 1;
  if (value >= min && value <= max) return;
  Refuse(Cat(where, ": field ", known.number), Cat(min, " to ", max), value);
}

void CheckScore(std::string_view where, std::string_view bytes) {
  float score = 0;
  std::memcpy(&score, bytes.data(), sizeof(score));
  if (!std::isfinite(score)) Refuse(where, "a finite score", score);
}

void CheckBytes(Kind kind, std::string_view where, std::string_view bytes) {
  if (kind == Kind::kScore) CheckScore(where, bytes);
  if (kind == Kind::kText) CheckText(where, bytes);
  if (kind == Kind::kCharsmap) CheckCharsmap(where, bytes);
}

// Adds the known fields of a message to `to`.
void CopyFields(std::string_view where, std::string_view message,
                std::span<const KnownField> known, std::string& to) {
  for (WireReader field(where, kWhat, message); field.Next();) {
    const auto found =
        std::ranges::find(known, field.number(), &KnownField::number);
    if (found == known.end()) continue;
    if (field.type() != TypeOf(found->kind)) {
      Refuse(Cat(where, ": field ", field.number()), kWhat,
             "a field of another type");
    }
    if (field.type() == WireType::kVarint) {
      CheckNumber(*found, where, field.varint());
      AppendVarintField(field.number(), field.varint(), to);
      continue;
    }
    CheckBytes(found->kind, where, field.bytes());
    const auto append = field.type() == WireType::kBytes ? AppendBytesField
                                                         : AppendFixed32Field;
    append(field.number(), field.bytes(), to);
  }
}

// libsentencepiece keeps two maps: of the pieces that text may become, and of
// all others.
enum class Use : std::uint8_t { kText, kUserDefined, kReserved };

struct Piece {
  std::string_view text;
  Use use = Use::kText;
};

// What a rebuilt piece says; of a field that stands twice the last counts.
Piece PieceOf(std::string_view message) {
  constexpr std::uint64_t kUnused = 5, kUserDefined = 4, kNormal = 1;
  Piece piece;
  for (WireReader field("", kWhat, message); field.Next();) {
    if (field.number() == kPieceText) piece.text = field.bytes();
    if (field.number() != kPieceType) continue;
    const std::uint64_t type = field.varint();
    piece.use = type == kUserDefined                 ? Use::kUserDefined
                : type == kUnused || type == kNormal ? Use::kText
                                                     : Use::kReserved;
  }
  return piece;
}

// No piece twice in either of the maps.
void CheckDifferent(std::string_view where, std::span<const Piece> pieces) {
  const auto reserved = [](const Piece& piece) {
    return piece.use == Use::kReserved;
  };
  const auto twice =
      std::ranges::adjacent_find(pieces, [&](const Piece& a, const Piece& b) {
        return a.text == b.text && reserved(a) == reserved(b);
      });
  if (twice == pieces.end()) return;
  Refuse(Cat(where, ": piece ", models::QuoteText(twice->text)),
         "each piece once", "it twice");
}

// The user-defined pieces, sorted: each stands behind those that open it.
void CheckNested(std::string_view where, std::span<const Piece> pieces) {
  std::vector<std::string_view> open;
  for (const Piece& piece : pieces) {
    if (piece.use != Use::kUserDefined) continue;
    while (!open.empty() && !piece.text.starts_with(open.back())) {
      open.pop_back();
    }
    open.push_back(piece.text);
    if (open.size() <= kMaxNested) continue;
    Refuse(where,
           Cat("at most ", kMaxNested,
               " user-defined pieces that open one another"),
           "more");
  }
}

std::size_t CountPieces(std::string_view where, std::string_view model) {
  std::size_t count = 0;
  for (WireReader field(where, kWhat, model); field.Next();) {
    count += field.number() == kPieces ? 1 : 0;
  }
  if (count == 0) Refuse(where, kWhat, "one without pieces");
  if (count > kMaxPieces) {
    Refuse(where, Cat("at most ", kMaxPieces, " pieces"), count);
  }
  return count;
}

// The fields that a message of the model holds; none: of no known message.
std::span<const KnownField> FieldsOf(std::uint32_t number) {
  if (number == kPieces) return kPieceFields;
  if (number == kTrainer) return kTrainerFields;
  const bool table = number == kNormalizer || number == kDenormalizer;
  return table ? std::span<const KnownField>(kNormalizerFields)
               : std::span<const KnownField>();
}

std::string CopyModel(std::string_view where, std::string_view model) {
  std::string copy;
  copy.reserve(model.size());  // what is left out is no longer than it was
  std::string message;
  std::size_t pieces = 0;
  for (WireReader field(where, kWhat, model); field.Next();) {
    const auto known = FieldsOf(field.number());
    if (known.empty()) continue;
    const bool piece = field.number() == kPieces;
    const std::string place(piece ? Cat(where, ": piece ", pieces++) : where);
    if (field.type() != WireType::kBytes) {
      Refuse(Cat(place, ": field ", field.number()), kWhat,
             "a field of another type");
    }
    message.clear();
    CopyFields(place, field.bytes(), known, message);
    AppendBytesField(field.number(), message, copy);
  }
  return copy;
}

// The pieces of a model that was copied, sorted by text.
std::vector<Piece> Pieces(std::string_view where, std::string_view copy,
                          std::size_t count) {
  std::vector<Piece> pieces;
  pieces.reserve(count);
  for (WireReader field(where, kWhat, copy); field.Next();) {
    if (field.number() != kPieces) continue;
    pieces.push_back(PieceOf(field.bytes()));
    if (!pieces.back().text.empty()) continue;
    RefuseText(Cat(where, ": piece ", pieces.size() - 1), 0);
  }
  std::ranges::sort(pieces, {}, [](const Piece& piece) {
    return std::pair(piece.text, piece.use);
  });
  return pieces;
}

}  // namespace

std::string RebuildSentencePieceModel(std::string_view where,
                                      std::string_view model) {
  const std::size_t count = CountPieces(where, model);
  std::string copy = CopyModel(where, model);
  const std::vector<Piece> pieces = Pieces(where, copy, count);
  CheckDifferent(where, pieces);
  CheckNested(where, pieces);
  return copy;
}

}  // namespace tessera::engine
