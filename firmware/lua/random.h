// rand and srand as math.random gets them: the same numbers on every board. 0 to 2^31 - 1.
#pragma once

int flashstore_rand(void);
void flashstore_srand(unsigned seed);
