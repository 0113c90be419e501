// Lists of abbreviations, and the forms that need none.
#include "engine/request/abbreviations.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "engine/tokenizer/text.h"

namespace tessera::engine {
namespace {

// Before what they belong to, a name most often. Those that may as well end a
// sentence ("etc.", "usw.", "Jr.") are not among them.
constexpr std::string_view kBeforeAnything[] = {
    "Adm",  "Abb",  "Abp",   "Bros",   "Capt", "Cdr",    "Cie",   "Cmdr",
    "Co",   "Col",  "Corp",  "Cpl",    "Cpt",  "Dipl",   "Dr",    "Dra",
    "Drs",  "Dres", "Fr",    "Ft",     "Gen",  "Gov",    "Hon",   "Hr",
    "Hrn",  "Inc",  "Ing",   "Insp",   "Lic",  "Lt",     "Ltd",   "Ltda",
    "MM",   "Mag",  "Maj",   "Messrs", "Mgr",  "Mlle",   "Mlles", "Mme",
    "Mmes", "Mr",   "Mrs",   "Ms",     "Mt",   "Pfc",    "Ph",    "Pr",
    "Pres", "Prof", "Profs", "Pvt",    "Rep",  "Reps",   "Rev",   "Sen",
    "Sens", "Sgt",  "Sig",   "Sr",     "Sra",  "Srta",   "St",    "Ste",
    "Sta",  "Supt", "Univ",  "Ud",     "Uds",  "approx", "bzgl",  "bzw",
    "ca",   "cf",   "dr",    "evtl",   "ggf",  "ing",    "inkl",  "mgr",
    "prof", "resp", "sog",   "tzn",    "ul",   "vgl",    "viz",   "vs",
    "zzgl", "акад", "гр",    "доц",    "им",   "напр",   "проф",  "см",
    "ср",   "ул"};

// Before a number alone: "No. 5", but "No. Tom left."; months, "Jan. 5".
constexpr std::string_view kBeforeNumbers[] = {
    "Abs",  "Apr",  "Art",  "Aug", "Bd",   "Ch",  "Chap", "Dec",  "Eq",
    "Feb",  "Fig",  "Figs", "Jan", "Jul",  "Jun", "Kap",  "Mar",  "No",
    "Nos",  "Nov",  "Nr",   "Num", "Oct",  "Op",  "Pos",  "Sec",  "Sep",
    "Sept", "Tab",  "Tel",  "Vol", "Vols", "art", "ch",   "chap", "eq",
    "fig",  "figs", "no",   "nos", "nr",   "op",  "pag",  "pp",   "sec",
    "tel",  "vol",  "vols", "núm", "рис",  "стр", "табл"};

// After a day: "am 5. Januar", "5. ledna".
constexpr std::string_view kGermanMonths[] = {
    "Januar",  "Jänner",   "Februar",  "März",       "April",
    "Mai",     "Juni",     "Juli",     "August",     "September",
    "Oktober", "November", "Dezember", "Jahrhundert"};

template <std::size_t kSize>
bool Has(const std::string_view (&list)[kSize], std::string_view word) {
  return std::ranges::find(list, word) != std::end(list);
}

bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

// The characters of a word, at most as many as need be told apart.
struct Letters {
  static constexpr std::size_t kMax = 16;
  UChar32 at[kMax] = {};
  std::size_t size = 0;
};

Letters LettersOf(std::string_view word) {
  Letters letters;
  const auto size = static_cast<std::int32_t>(word.size());
  for (std::int32_t at = 0; at < size && letters.size < Letters::kMax;) {
    U8_NEXT_UNSAFE(word.data(), at, letters.at[letters.size]);
    ++letters.size;
  }
  return letters;
}

// What stands before the full stop, back to white space, an opening bracket, a
// quotation mark, an apostrophe ("l'Univ.") or a dash, and what is before that.
struct LastWord {
  std::string_view before;
  std::string_view word;
};

LastWord LastWordOf(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0) {
    const UChar32 character = LastCharacter(text.substr(0, begin));
    const auto category = U_GET_GC_MASK(character);
    const bool in_word =
        character == '.' ||
        (category & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) != 0;
    if (!in_word) break;
    begin -= static_cast<std::size_t>(U8_LENGTH(character));
  }
  return {text.substr(0, begin), text.substr(begin)};
}

// "U.S", "e.g", "Ph.D": letters between full stops, two at most together.
bool IsDotted(const Letters& word) {
  std::size_t run = 0;
  bool dots = false;
  for (std::size_t i = 0; i < word.size; ++i) {
    if (word.at[i] == '.') {
      if (run == 0) return false;
      dots = true;
      run = 0;
    } else if (!u_isalpha(word.at[i]) || ++run > 2) {
      return false;
    }
  }
  return dots && run > 0 && word.size < Letters::kMax;
}

// "B. ", as of "z. B. ".
bool OpensWithInitial(std::string_view text) {
  const Letters letters = LettersOf(text.substr(0, 8));
  return letters.size >= 2 && u_isalpha(letters.at[0]) && letters.at[1] == '.';
}

// "d. ", as of "d. h.".
bool EndsWithInitial(std::string_view text) {
  text = StripSpace(text);
  if (text.size() < 2 || !text.ends_with('.')) return false;
  const std::string_view letter =
      LastWordOf(text.substr(0, text.size() - 1)).word;
  const Letters letters = LettersOf(letter);
  return letters.size == 1 && u_isalpha(letters.at[0]);
}

bool IsInitial(const Letters& word, std::string_view before,
               std::string_view next) {
  if (word.size != 1) return false;
  const UChar32 letter = word.at[0];
  if (letter == 'I') return before.empty();
  if (u_isUUppercase(letter)) return true;
  return u_isULowercase(letter) &&
         (IsDigit(next.front()) || OpensWithInitial(next) ||
          EndsWithInitial(before));
}

bool IsGermanDate(std::string_view word, std::string_view next) {
  if (word.size() > 2 || !std::ranges::all_of(word, IsDigit)) return false;
  return std::ranges::any_of(kGermanMonths, [&](std::string_view month) {
    return next.starts_with(month);
  });
}

}  // namespace

bool EndsAbbreviated(std::string_view sentence, std::string_view next) {
  if (!sentence.ends_with('.')) return false;
  const auto [before, word] =
      LastWordOf(sentence.substr(0, sentence.size() - 1));
  if (word.empty() || word.ends_with('.')) return false;
  const Letters letters = LettersOf(word);
  return Has(kBeforeAnything, word) ||
         (IsDigit(next.front()) && Has(kBeforeNumbers, word)) ||
         IsInitial(letters, before, next) || IsDotted(letters) ||
         IsGermanDate(word, next);
}

}  // namespace tessera::engine
