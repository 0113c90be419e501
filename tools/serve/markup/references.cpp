// Names of HTML 4 with their code points; others are left to be placed as if
// they were tags.
#include "tools/serve/markup/references.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace tessera::tools::serve {
namespace {

struct Named {
  std::string_view name;
  char32_t character;
};

constexpr Named kNamed[] = {
    {"AElig", 198},    {"Aacute", 193},   {"Acirc", 194},   {"Agrave", 192},
    {"Alpha", 913},    {"Aring", 197},    {"Atilde", 195},  {"Auml", 196},
    {"Beta", 914},     {"Ccedil", 199},   {"Chi", 935},     {"Dagger", 8225},
    {"Delta", 916},    {"ETH", 208},      {"Eacute", 201},  {"Ecirc", 202},
    {"Egrave", 200},   {"Epsilon", 917},  {"Eta", 919},     {"Euml", 203},
    {"Gamma", 915},    {"Iacute", 205},   {"Icirc", 206},   {"Igrave", 204},
    {"Iota", 921},     {"Iuml", 207},     {"Kappa", 922},   {"Lambda", 923},
    {"Mu", 924},       {"Ntilde", 209},   {"Nu", 925},      {"OElig", 338},
    {"Oacute", 211},   {"Ocirc", 212},    {"Ograve", 210},  {"Omega", 937},
    {"Omicron", 927},  {"Oslash", 216},   {"Otilde", 213},  {"Ouml", 214},
    {"Phi", 934},      {"Pi", 928},       {"Prime", 8243},  {"Psi", 936},
    {"Rho", 929},      {"Scaron", 352},   {"Sigma", 931},   {"THORN", 222},
    {"Tau", 932},      {"Theta", 920},    {"Uacute", 218},  {"Ucirc", 219},
    {"Ugrave", 217},   {"Upsilon", 933},  {"Uuml", 220},    {"Xi", 926},
    {"Yacute", 221},   {"Yuml", 376},     {"Zeta", 918},    {"aacute", 225},
    {"acirc", 226},    {"acute", 180},    {"aelig", 230},   {"agrave", 224},
    {"alefsym", 8501}, {"alpha", 945},    {"amp", 38},      {"and", 8743},
    {"ang", 8736},     {"aring", 229},    {"asymp", 8776},  {"atilde", 227},
    {"auml", 228},     {"bdquo", 8222},   {"beta", 946},    {"brvbar", 166},
    {"bull", 8226},    {"cap", 8745},     {"ccedil", 231},  {"cedil", 184},
    {"cent", 162},     {"chi", 967},      {"circ", 710},    {"clubs", 9827},
    {"cong", 8773},    {"copy", 169},     {"crarr", 8629},  {"cup", 8746},
    {"curren", 164},   {"dArr", 8659},    {"dagger", 8224}, {"darr", 8595},
    {"deg", 176},      {"delta", 948},    {"diams", 9830},  {"divide", 247},
    {"eacute", 233},   {"ecirc", 234},    {"egrave", 232},  {"empty", 8709},
    {"emsp", 8195},    {"ensp", 8194},    {"epsilon", 949}, {"equiv", 8801},
    {"eta", 951},      {"eth", 240},      {"euml", 235},    {"euro", 8364},
    {"exist", 8707},   {"fnof", 402},     {"forall", 8704}, {"frac12", 189},
    {"frac14", 188},   {"frac34", 190},   {"frasl", 8260},  {"gamma", 947},
    {"ge", 8805},      {"gt", 62},        {"hArr", 8660},   {"harr", 8596},
    {"hearts", 9829},  {"hellip", 8230},  {"iacute", 237},  {"icirc", 238},
    {"iexcl", 161},    {"igrave", 236},   {"image", 8465},  {"infin", 8734},
    {"int", 8747},     {"iota", 953},     {"iquest", 191},  {"isin", 8712},
    {"iuml", 239},     {"kappa", 954},    {"lArr", 8656},   {"lambda", 955},
    {"lang", 9001},    {"laquo", 171},    {"larr", 8592},   {"lceil", 8968},
    {"ldquo", 8220},   {"le", 8804},      {"lfloor", 8970}, {"lowast", 8727},
    {"loz", 9674},     {"lrm", 8206},     {"lsaquo", 8249}, {"lsquo", 8216},
    {"lt", 60},        {"macr", 175},     {"mdash", 8212},  {"micro", 181},
    {"middot", 183},   {"minus", 8722},   {"mu", 956},      {"nabla", 8711},
    {"nbsp", 160},     {"ndash", 8211},   {"ne", 8800},     {"ni", 8715},
    {"not", 172},      {"notin", 8713},   {"nsub", 8836},   {"ntilde", 241},
    {"nu", 957},       {"oacute", 243},   {"ocirc", 244},   {"oelig", 339},
    {"ograve", 242},   {"oline", 8254},   {"omega", 969},   {"omicron", 959},
    {"oplus", 8853},   {"or", 8744},      {"ordf", 170},    {"ordm", 186},
    {"oslash", 248},   {"otilde", 245},   {"otimes", 8855}, {"ouml", 246},
    {"para", 182},     {"part", 8706},    {"permil", 8240}, {"perp", 8869},
    {"phi", 966},      {"pi", 960},       {"piv", 982},     {"plusmn", 177},
    {"pound", 163},    {"prime", 8242},   {"prod", 8719},   {"prop", 8733},
    {"psi", 968},      {"quot", 34},      {"rArr", 8658},   {"radic", 8730},
    {"rang", 9002},    {"raquo", 187},    {"rarr", 8594},   {"rceil", 8969},
    {"rdquo", 8221},   {"real", 8476},    {"reg", 174},     {"rfloor", 8971},
    {"rho", 961},      {"rlm", 8207},     {"rsaquo", 8250}, {"rsquo", 8217},
    {"sbquo", 8218},   {"scaron", 353},   {"sdot", 8901},   {"sect", 167},
    {"shy", 173},      {"sigma", 963},    {"sigmaf", 962},  {"sim", 8764},
    {"spades", 9824},  {"sub", 8834},     {"sube", 8838},   {"sum", 8721},
    {"sup", 8835},     {"sup1", 185},     {"sup2", 178},    {"sup3", 179},
    {"supe", 8839},    {"szlig", 223},    {"tau", 964},     {"there4", 8756},
    {"theta", 952},    {"thetasym", 977}, {"thinsp", 8201}, {"thorn", 254},
    {"tilde", 732},    {"times", 215},    {"trade", 8482},  {"uArr", 8657},
    {"uacute", 250},   {"uarr", 8593},    {"ucirc", 251},   {"ugrave", 249},
    {"uml", 168},      {"upsih", 978},    {"upsilon", 965}, {"uuml", 252},
    {"weierp", 8472},  {"xi", 958},       {"yacute", 253},  {"yen", 165},
    {"yuml", 255},     {"zeta", 950},     {"zwj", 8205},    {"zwnj", 8204},
    {"apos", 39},
};

// What windows-1252 has at 0x80 to 0x9F: so HTML reads &#128;.
constexpr char32_t kWindows[32] = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
    0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

std::optional<char32_t> Find(std::string_view name) {
  const auto found = std::ranges::find(kNamed, name, &Named::name);
  if (found == std::end(kNamed)) return std::nullopt;
  return found->character;
}

std::string Utf8(char32_t c) {
  const auto byte = [](char32_t bits) { return static_cast<char>(bits); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F))};
  if (c < 0x10000) {
    return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)),
            byte(0x80 | (c & 0x3F))};
  }
  return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)),
          byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
}

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

// Of a number: empty for what no text should have.
std::string Character(std::uint32_t code, MarkupKind kind) {
  if (kind == MarkupKind::kHtml && code >= 0x80 && code < 0xA0) {
    code = kWindows[code - 0x80];
  }
  const bool control =
      (code < 0x20 && code != '\t' && code != '\n' && code != '\r') ||
      (code >= 0x7F && code < 0xA0);
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  if (control || surrogate || code > 0x10FFFF) return {};
  return Utf8(code);
}

Reference Numeric(std::string_view text, MarkupKind kind) {
  const bool hexadecimal =
      text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
  const char* const begin = text.data() + (hexadecimal ? 3 : 2);
  std::uint32_t code = 0;
  const auto [stop, error] = std::from_chars(begin, text.data() + text.size(),
                                             code, hexadecimal ? 16 : 10);
  if (stop == begin) return {};
  auto bytes = static_cast<std::size_t>(stop - text.data());
  if (bytes < text.size() && text[bytes] == ';') {
    ++bytes;
  } else if (kind == MarkupKind::kXml) {
    return {};
  }
  if (error != std::errc()) return {.bytes = bytes};  // beyond 32 bits
  return {.bytes = bytes, .character = Character(code, kind)};
}

// &eacute without its semicolon: those of Latin-1 and of markup itself.
Reference Unfinished(std::string_view text, std::size_t end) {
  for (; end > 2; --end) {
    const auto character = Find(text.substr(1, end - 1));
    if (character && *character < 0x100 && *character != '\'') {
      return {.bytes = end, .character = Utf8(*character)};
    }
  }
  return {};
}

}  // namespace

Reference ReadReference(std::string_view text, MarkupKind kind) {
  if (text.starts_with("&#")) return Numeric(text, kind);
  constexpr std::size_t kLongest = 40;
  std::size_t end = 1;
  while (end < text.size() && end < kLongest && IsAlphanumeric(text[end])) {
    ++end;
  }
  if (end < text.size() && end > 1 && text[end] == ';') {
    const auto character = Find(text.substr(1, end - 1));
    return {.bytes = end + 1,
            .character = character ? Utf8(*character) : std::string()};
  }
  if (kind == MarkupKind::kXml) return {};
  constexpr std::size_t kLongestOfLatin1 = 1 + 6;
  return Unfinished(text, std::min(end, kLongestOfLatin1));
}

void AppendEscaped(std::string_view text, std::string& to) {
  for (const char c : text) {
    switch (c) {
      case '&':
        to += "&amp;";
        break;
      case '<':
        to += "&lt;";
        break;
      case '>':
        to += "&gt;";
        break;
      default:
        to += c;
    }
  }
}

}  // namespace tessera::tools::serve
