#include "random.h"

#include <stdint.h>

static uint32_t state = 1;

// George Marsaglia's xorshift: all values but 0, once each.
int flashstore_rand(void) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return (int)(state >> 1);
}

void flashstore_srand(unsigned seed) {
  state = seed == 0 ? UINT32_MAX : seed;
}
