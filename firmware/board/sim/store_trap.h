// A store into mapped flash stops the program: on a device it would be an exception or be lost.
#pragma once

namespace flashstore::sim {

// From now on a store into the flash window prints "flash: store to ADDRESS from pc ADDRESS" to
// stderr and ends the process with kFlashStore. Other faults end as they did before.
void install_store_trap();

}  // namespace flashstore::sim
