// The order in which an image holds its strings (luaflash/FORMAT.md, "Order of strings").
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace flashstore::luac {

// `hashes` are those of distinct strings, in the order in which they were collected. Returns their
// indices in the order in which an image places them.
//
// It is the order in which a hash table yields them that was filled one by one. The table is that
// of the original compiler, which rehashes in place: a stock Lua table yields another order.
std::vector<uint32_t> placement_order(std::span<const uint32_t> hashes);

}  // namespace flashstore::luac
