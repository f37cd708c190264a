// The text functions of <string.h> and <ctype.h> that Lua and the firmware use, for a chip whose
// mapped flash can only be read in aligned words. There is one locale, C.
#include <cstddef>
#include <cstdint>

#include "machine/helper_name.h"

extern "C" {

void* MACHINE_HELPER(memcpy)(void* to, const void* from, size_t bytes);

size_t MACHINE_HELPER(strlen)(const char* text) {
  const char* end = text;
  while (*end != '\0') {
    end++;
  }
  return static_cast<size_t>(end - text);
}

int MACHINE_HELPER(strncmp)(const char* left, const char* right, size_t most) {
  for (; most > 0; most--, left++, right++) {
    const auto a = static_cast<uint8_t>(*left);
    const auto b = static_cast<uint8_t>(*right);
    if (a != b || a == 0) {
      return a - b;
    }
  }
  return 0;
}

int MACHINE_HELPER(strcmp)(const char* left, const char* right) {
  return MACHINE_HELPER(strncmp)(left, right, SIZE_MAX);
}

int MACHINE_HELPER(strcoll)(const char* left, const char* right) {
  return MACHINE_HELPER(strcmp)(left, right);
}

char* MACHINE_HELPER(strcpy)(char* to, const char* from) {
  MACHINE_HELPER(memcpy)(to, from, MACHINE_HELPER(strlen)(from) + 1);
  return to;
}

char* MACHINE_HELPER(strncpy)(char* to, const char* from, size_t most) {
  size_t i = 0;
  for (; i < most && from[i] != '\0'; i++) {
    to[i] = from[i];
  }
  for (; i < most; i++) {
    to[i] = '\0';
  }
  return to;
}

char* MACHINE_HELPER(strncat)(char* to, const char* from, size_t most) {
  char* out = to + MACHINE_HELPER(strlen)(to);
  for (; most > 0 && *from != '\0'; most--) {
    *out++ = *from++;
  }
  *out = '\0';
  return to;
}

char* MACHINE_HELPER(strcat)(char* to, const char* from) {
  return MACHINE_HELPER(strncat)(to, from, SIZE_MAX);
}

char* MACHINE_HELPER(strchr)(const char* text, int wanted) {
  for (;; text++) {
    if (*text == static_cast<char>(wanted)) {
      return const_cast<char*>(text);
    }
    if (*text == '\0') {
      return nullptr;
    }
  }
}

char* MACHINE_HELPER(strrchr)(const char* text, int wanted) {
  char* found = nullptr;
  for (;; text++) {
    if (*text == static_cast<char>(wanted)) {
      found = const_cast<char*>(text);
    }
    if (*text == '\0') {
      return found;
    }
  }
}

size_t MACHINE_HELPER(strcspn)(const char* text, const char* ends) {
  size_t count = 0;
  while (text[count] != '\0' && MACHINE_HELPER(strchr)(ends, text[count]) == nullptr) {
    count++;
  }
  return count;
}

size_t MACHINE_HELPER(strspn)(const char* text, const char* wanted) {
  size_t count = 0;
  while (text[count] != '\0' && MACHINE_HELPER(strchr)(wanted, text[count]) != nullptr) {
    count++;
  }
  return count;
}

char* MACHINE_HELPER(strpbrk)(const char* text, const char* wanted) {
  text += MACHINE_HELPER(strcspn)(text, wanted);
  return *text != '\0' ? const_cast<char*>(text) : nullptr;
}

char* MACHINE_HELPER(strstr)(const char* text, const char* wanted) {
  const size_t length = MACHINE_HELPER(strlen)(wanted);
  for (;; text++) {
    if (MACHINE_HELPER(strncmp)(text, wanted, length) == 0) {
      return const_cast<char*>(text);
    }
    if (*text == '\0') {
      return nullptr;
    }
  }
}

int MACHINE_HELPER(isdigit)(int c) {
  return c >= '0' && c <= '9';
}

int MACHINE_HELPER(islower)(int c) {
  return c >= 'a' && c <= 'z';
}

int MACHINE_HELPER(isupper)(int c) {
  return c >= 'A' && c <= 'Z';
}

int MACHINE_HELPER(isalpha)(int c) {
  return MACHINE_HELPER(islower)(c) || MACHINE_HELPER(isupper)(c);
}

int MACHINE_HELPER(isalnum)(int c) {
  return MACHINE_HELPER(isalpha)(c) || MACHINE_HELPER(isdigit)(c);
}

int MACHINE_HELPER(isxdigit)(int c) {
  return MACHINE_HELPER(isdigit)(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

int MACHINE_HELPER(isspace)(int c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

int MACHINE_HELPER(iscntrl)(int c) {
  return (c >= 0 && c < ' ') || c == 0x7F;
}

int MACHINE_HELPER(isprint)(int c) {
  return c >= ' ' && c < 0x7F;
}

int MACHINE_HELPER(isgraph)(int c) {
  return c > ' ' && c < 0x7F;
}

int MACHINE_HELPER(ispunct)(int c) {
  return MACHINE_HELPER(isgraph)(c) && !MACHINE_HELPER(isalnum)(c);
}

int MACHINE_HELPER(tolower)(int c) {
  return MACHINE_HELPER(isupper)(c) ? c - 'A' + 'a' : c;
}

int MACHINE_HELPER(toupper)(int c) {
  return MACHINE_HELPER(islower)(c) ? c - 'a' + 'A' : c;
}

}  // extern "C"
