// The memory and text functions, at every alignment.
#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <cstring>
#include <string>

extern "C" {
void* machine_memcpy(void* to, const void* from, size_t bytes);
void* machine_memmove(void* to, const void* from, size_t bytes);
void* machine_memset(void* to, int value, size_t bytes);
int machine_memcmp(const void* left, const void* right, size_t bytes);
void* machine_memchr(const void* data, int value, size_t bytes);
size_t machine_strlen(const char* text);
int machine_strncmp(const char* left, const char* right, size_t most);
int machine_strcmp(const char* left, const char* right);
int machine_strcoll(const char* left, const char* right);
char* machine_strcpy(char* to, const char* from);
char* machine_strncpy(char* to, const char* from, size_t most);
char* machine_strcat(char* to, const char* from);
char* machine_strncat(char* to, const char* from, size_t most);
char* machine_strchr(const char* text, int wanted);
char* machine_strrchr(const char* text, int wanted);
size_t machine_strcspn(const char* text, const char* ends);
size_t machine_strspn(const char* text, const char* wanted);
char* machine_strpbrk(const char* text, const char* wanted);
char* machine_strstr(const char* text, const char* wanted);
int machine_isalpha(int c);
int machine_isdigit(int c);
int machine_isalnum(int c);
int machine_isxdigit(int c);
int machine_isspace(int c);
int machine_iscntrl(int c);
int machine_isprint(int c);
int machine_isgraph(int c);
int machine_ispunct(int c);
int machine_islower(int c);
int machine_isupper(int c);
int machine_tolower(int c);
int machine_toupper(int c);
}

namespace flashstore::test {
namespace {

using Block = std::array<char, 64>;

Block pattern() {
  Block block;
  for (size_t i = 0; i < block.size(); i++) {
    block[i] = static_cast<char>(i * 37 + 128);
  }
  return block;
}

int sign(int value) {
  return value < 0 ? -1 : value > 0 ? 1 : 0;
}

TEST(Memory, CopiesMovesAndFillsAsTheHostDoes) {
  for (size_t to = 0; to < 8; to++) {
    for (size_t from = 0; from < 8; from++) {
      for (size_t bytes = 0; bytes < 24; bytes++) {
        alignas(8) Block ours = pattern();
        alignas(8) Block host = pattern();
        alignas(8) const Block source = pattern();
        EXPECT_EQ(machine_memcpy(&ours[to], &source[from + 20], bytes), &ours[to]);
        std::memcpy(&host[to], &source[from + 20], bytes);
        ASSERT_EQ(ours, host);
        EXPECT_EQ(machine_memmove(&ours[to], &ours[from], bytes), &ours[to]);
        std::memmove(&host[to], &host[from], bytes);
        ASSERT_EQ(ours, host) << to << ' ' << from << ' ' << bytes;
        EXPECT_EQ(machine_memset(&ours[to], 0x1A5, bytes), &ours[to]);
        std::memset(&host[to], 0x1A5, bytes);
        ASSERT_EQ(ours, host);
      }
    }
  }
}

TEST(Memory, ComparesAndFindsAsTheHostDoes) {
  alignas(8) const Block left = pattern();
  for (size_t at = 0; at < 8; at++) {
    for (size_t changed = 0; changed < 24; changed++) {
      alignas(8) Block right = pattern();
      right[at + changed] = static_cast<char>(right[at + changed] + 0x55);
      for (size_t bytes = 0; bytes < 24; bytes++) {
        EXPECT_EQ(sign(machine_memcmp(&left[at], &right[at], bytes)),
                  sign(std::memcmp(&left[at], &right[at], bytes)));
        EXPECT_EQ(machine_memchr(&left[at], right[at + changed], bytes),
                  std::memchr(&left[at], right[at + changed], bytes));
      }
    }
  }
}

TEST(Text, ComparesAsTheHostDoes) {
  const std::string texts[] = {"", "a", "ab", "abc", "abd", "b", "\xff", "a\xff", "A"};
  for (const std::string& a : texts) {
    EXPECT_EQ(machine_strlen(a.c_str()), a.size());
    for (const std::string& b : texts) {
      EXPECT_EQ(sign(machine_strcmp(a.c_str(), b.c_str())),
                sign(std::strcmp(a.c_str(), b.c_str())));
      EXPECT_EQ(sign(machine_strcoll(a.c_str(), b.c_str())),
                sign(std::strcmp(a.c_str(), b.c_str())));
      for (size_t most = 0; most < 4; most++) {
        EXPECT_EQ(sign(machine_strncmp(a.c_str(), b.c_str(), most)),
                  sign(std::strncmp(a.c_str(), b.c_str(), most)));
      }
    }
  }
}

TEST(Text, FindsAsTheHostDoes) {
  const char* const text = "the quick brown fox, the end";
  for (const char* wanted : {"", "t", "the", "end", "fox,", "foxy", " ", "xyz", "\xff"}) {
    EXPECT_EQ(machine_strstr(text, wanted), std::strstr(text, wanted)) << wanted;
    EXPECT_EQ(machine_strpbrk(text, wanted), std::strpbrk(text, wanted)) << wanted;
    EXPECT_EQ(machine_strcspn(text, wanted), std::strcspn(text, wanted)) << wanted;
    EXPECT_EQ(machine_strspn(text, wanted), std::strspn(text, wanted)) << wanted;
    EXPECT_EQ(machine_strchr(text, *wanted), std::strchr(text, *wanted)) << wanted;
    EXPECT_EQ(machine_strrchr(text, *wanted), std::strrchr(text, *wanted)) << wanted;
  }
}

TEST(Text, CopiesAsTheHostDoes) {
  for (size_t most = 0; most < 8; most++) {
    char ours[16] = "xyz";
    char host[16] = "xyz";
    machine_strncat(ours, "hello", most);
    std::strncat(host, "hello", most);
    ASSERT_EQ(std::memcmp(ours, host, sizeof ours), 0);
    machine_strncpy(ours, "hello", most);
    std::strncpy(host, "hello", most);
    ASSERT_EQ(std::memcmp(ours, host, sizeof ours), 0);
  }
  char text[16];
  EXPECT_STREQ(machine_strcat(machine_strcpy(text, "hello"), " you"), "hello you");
}

TEST(Text, KnowsCharactersAsTheHostDoes) {
  for (int c = -1; c < 256; c++) {
    EXPECT_EQ(machine_isalpha(c) != 0, std::isalpha(c) != 0) << c;
    EXPECT_EQ(machine_isdigit(c) != 0, std::isdigit(c) != 0) << c;
    EXPECT_EQ(machine_isalnum(c) != 0, std::isalnum(c) != 0) << c;
    EXPECT_EQ(machine_isxdigit(c) != 0, std::isxdigit(c) != 0) << c;
    EXPECT_EQ(machine_isspace(c) != 0, std::isspace(c) != 0) << c;
    EXPECT_EQ(machine_iscntrl(c) != 0, std::iscntrl(c) != 0) << c;
    EXPECT_EQ(machine_isprint(c) != 0, std::isprint(c) != 0) << c;
    EXPECT_EQ(machine_isgraph(c) != 0, std::isgraph(c) != 0) << c;
    EXPECT_EQ(machine_ispunct(c) != 0, std::ispunct(c) != 0) << c;
    EXPECT_EQ(machine_islower(c) != 0, std::islower(c) != 0) << c;
    EXPECT_EQ(machine_isupper(c) != 0, std::isupper(c) != 0) << c;
    EXPECT_EQ(machine_tolower(c), std::tolower(c)) << c;
    EXPECT_EQ(machine_toupper(c), std::toupper(c)) << c;
  }
}

}  // namespace
}  // namespace flashstore::test
