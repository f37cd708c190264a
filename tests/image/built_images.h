// Images of a few lines of Lua.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "image/attribution.h"
#include "luac/compiler.h"
#include "luac/image_writer.h"
#include "luac/master.h"
#include "luac/strip.h"
#include "luaflash/image_view.h"

namespace flashstore::image {

// Name of a file and the Lua in it.
using Source = std::pair<std::string, std::string>;

inline std::vector<uint8_t> build(const std::vector<Source>& sources, double build_time = 1,
                                  luac::Flavour flavour = luac::Flavour::kFloat,
                                  bool keep_names = false) {
  std::vector<luac::Module> modules;
  for (const auto& [file, text] : sources) {
    luac::Function main = std::move(luac::compile(text, "@" + file, flavour).value().main);
    if (!keep_names) {
      luac::strip(main, luac::Strip::kNames);
    }
    modules.push_back(luac::make_module(std::move(main)));
  }
  return luac::write_image(luac::make_master(std::move(modules), build_time), flavour).payload;
}

inline Attribution attribution_of(std::span<const uint8_t> payload) {
  return attribute(luaflash::open_image(payload).value());
}

}  // namespace flashstore::image
