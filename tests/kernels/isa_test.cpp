// Instruction-set levels: names, detection, TESSERA_ISA, and what the files
// compiled for them export.
#include <gtest/gtest.h>
#include <tessera/error.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "kernels/dispatch.h"

namespace tessera::kernels {
namespace {

TEST(IsaTest, ParsesTheNamesItPrints) {
  for (const Isa isa : kAllIsas) EXPECT_EQ(ParseIsa(Name(isa)), isa);
  EXPECT_EQ(Name(Isa::kAvx512Vnni), "avx512vnni");
  EXPECT_EQ(ParseIsa("AVX2"), std::nullopt);
  EXPECT_EQ(ParseIsa(""), std::nullopt);
}

// Features of the first processor in /proc/cpuinfo, with spaces around each.
std::string SystemFlags() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("flags")) return line + " ";
  }
  return "";
}

TEST(IsaTest, FindsTheFeaturesThatTheSystemLists) {
  const std::string flags = SystemFlags();
  if (flags.empty()) GTEST_SKIP() << "no flags in /proc/cpuinfo";
  for (const CpuFeature& feature : CpuFeatures()) {
    std::string name(feature.name);
    if (name == "avx512_vbmi") name = "avx512vbmi";
    if (name == "avx512_ifma") name = "avx512ifma";
    const bool listed = flags.find(" " + name + " ") != std::string::npos;
    // AMX may be listed and yet refused to this process.
    if (name.starts_with("amx")) {
      EXPECT_TRUE(listed || !feature.present) << name;
    } else {
      EXPECT_EQ(feature.present, listed) << name;
    }
  }
}

TEST(IsaTest, DetectsALevelOnlyWithAllItsFeatures) {
  for (const CpuFeature& feature : CpuFeatures()) {
    if (feature.name == "avx2" && !feature.present) {
      EXPECT_EQ(DetectedIsa(), Isa::kScalar);
    }
    if (feature.name == "avx512bw" && !feature.present) {
      EXPECT_LT(DetectedIsa(), Isa::kAvx512);
    }
    if (feature.name == "amx_tile" && !feature.present) {
      EXPECT_LT(DetectedIsa(), Isa::kAmx);
    }
  }
  EXPECT_LE(ActiveIsa(), DetectedIsa());
}

// ActiveIsa() is read once, so each request gets a process of its own: a death
// test that runs this program again.
class IsaRequestTest : public testing::Test {
 protected:
  void SetUp() override {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
  }
};

TEST_F(IsaRequestTest, LowersTheActiveLevel) {
  for (const Isa isa : kAllIsas) {
    if (isa > DetectedIsa()) continue;
    EXPECT_EXIT(
        {
          setenv("TESSERA_ISA", Name(isa).data(), 1);
          std::exit(ActiveIsa() == isa ? 0 : 1);
        },
        testing::ExitedWithCode(0), "");
  }
}

TEST_F(IsaRequestTest, NeverRaisesTheActiveLevel) {
  EXPECT_EXIT(
      {
        setenv("TESSERA_ISA", "amx", 1);
        std::exit(ActiveIsa() == DetectedIsa() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(IsaRequestTest, IsAnErrorIfItNamesNoLevel) {
  setenv("TESSERA_ISA", "sse9", 1);
  try {
    CheckIsaRequest();
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("sse9"), std::string::npos);
  }
  setenv("TESSERA_ISA", "avx2", 1);
  EXPECT_NO_THROW(CheckIsaRequest());
  unsetenv("TESSERA_ISA");
  EXPECT_NO_THROW(CheckIsaRequest());
}

int Twice(int x) { return 2 * x; }
int Thrice(int x) { return 3 * x; }

TEST(SelectTest, TakesTheFirstThatTheCpuHas) {
  const Implementation<int(int)> always[] = {{Isa::kScalar, "Twice", Twice},
                                             {Isa::kScalar, "Thrice", Thrice}};
  EXPECT_EQ(Select(std::span<const Implementation<int(int)>>(always)), &Twice);
  if (ActiveIsa() == Isa::kAmx) GTEST_SKIP() << "no level is out of reach";
  const Implementation<int(int)> guarded[] = {{Isa::kAmx, "Twice", Twice},
                                              {Isa::kScalar, "Thrice", Thrice}};
  EXPECT_EQ(Select(std::span<const Implementation<int(int)>>(guarded)),
            &Thrice);
}

bool Never(Isa) noexcept { return false; }

TEST(SelectTest, PassesOverWhatTheCpuCannotUse) {
  const Implementation<int(int)> kernels[] = {
      {Isa::kScalar, "Twice", Twice, Never}, {Isa::kScalar, "Thrice", Thrice}};
  EXPECT_EQ(Select(std::span<const Implementation<int(int)>>(kernels)),
            &Thrice);
}

TEST(SelectTest, PassesOverWhatTakesSomeCallsOnly) {
  const Implementation<int(int)> kernels[] = {
      {Isa::kScalar, "Twice", Twice, nullptr, "x >= 8"},
      {Isa::kScalar, "Thrice", Thrice}};
  EXPECT_EQ(Select(std::span<const Implementation<int(int)>>(kernels)),
            &Thrice);
}

struct Symbol {
  std::string object, name;
  char type;
};

// What the objects compiled for an ISA define.
std::vector<Symbol> IsaSymbols() {
  const std::string command =
      "nm --print-file-name --demangle --defined-only " TESSERA_BINARY_DIR
      "/kernels/libtessera_kernels.a";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"),
                                                   pclose);
  const std::regex line(
      ":([a-z0-9_]+_(?:avx2|avx512|avx512vnni|avx512bf16|amx)\\.cpp\\.o):"
      "[0-9a-f]* (.) (.*)\n");
  std::vector<Symbol> symbols;
  for (char buffer[4096];
       pipe && std::fgets(buffer, sizeof buffer, pipe.get());) {
    std::cmatch match;
    if (!std::regex_search(buffer, match, line)) continue;
    symbols.push_back({match[1], match[3], match.str(2)[0]});
  }
  return symbols;
}

// A weak symbol compiled for a wide CPU may be the copy that the linker keeps
// for everyone, and a constructor would run before dispatch.
TEST(IsaObjectsTest, ExportNothingButTheirTableFunctions) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer adds symbols of its own";
#endif
  const std::regex table_function(
      "tessera::kernels::\\w+(Avx2|Avx512|Avx512Vnni|Avx512Bf16|Amx)\\(.*");
  const std::vector<Symbol> symbols = IsaSymbols();
  std::size_t exported = 0;
  for (const Symbol& symbol : symbols) {
    const bool local =
        std::string("trdb").find(symbol.type) != std::string::npos;
    const bool table =
        symbol.type == 'T' && std::regex_match(symbol.name, table_function);
    EXPECT_TRUE(local || table)
        << symbol.object << " exports " << symbol.type << " " << symbol.name;
    EXPECT_FALSE(symbol.name.starts_with("_GLOBAL__sub_I"))
        << symbol.object << " has a static constructor";
    exported += table;
  }
  EXPECT_GE(exported, 10u) << "found in " << symbols.size() << " symbols";
}

}  // namespace
}  // namespace tessera::kernels
