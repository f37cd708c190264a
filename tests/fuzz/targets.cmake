# fuzz_target(NAME SOURCES file... LINKS library... CORPUS folder... SECONDS n RUNS n [MAX_BYTES n]): a
# libFuzzer program fuzz_X and its test fuzz.X, which ends after that many seconds or inputs. Sources lie
# in this folder, the corpus under tests/data; any library of lib/ may be linked.
fuzz_target(fuzz_inflate
  SOURCES fuzz_inflate.cpp
  LINKS core ZLIB::ZLIB
  CORPUS lfs/expected/img lfs/loader
  SECONDS 20
  RUNS 100000)
fuzz_target(fuzz_chunk
  SOURCES fuzz_chunk.cpp
  LINKS luac
  CORPUS lfs/expected/lc lfs/src/bin
  SECONDS 20
  RUNS 800000)
fuzz_target(fuzz_extract
  SOURCES fuzz_extract.cpp image_input.cpp
  LINKS luac ZLIB::ZLIB
  CORPUS lfs/expected/img lfs/expected/legacy
  SECONDS 20
  RUNS 130000)
fuzz_target(fuzz_verify
  SOURCES fuzz_verify.cpp image_input.cpp ../support/image_reader.cpp
  LINKS luaflash ZLIB::ZLIB
  CORPUS lfs/expected/img lfs/expected/legacy lfs/loader lfs/attach
  SECONDS 20
  RUNS 36000)
fuzz_target(fuzz_relocate
  SOURCES fuzz_relocate.cpp image_input.cpp
  LINKS luaflash ZLIB::ZLIB
  CORPUS lfs/expected/img lfs/expected/legacy
  SECONDS 20
  RUNS 110000)
fuzz_target(fuzz_lilotafs_image
  SOURCES fuzz_lilotafs_image.cpp
  LINKS torture
  CORPUS lilotafs lilotafs/crash
  MAX_BYTES 65536
  SECONDS 20
  RUNS 34000)
fuzz_target(fuzz_salvage
  SOURCES fuzz_salvage.cpp
  LINKS image
  CORPUS lilotafs lilotafs/crash
  MAX_BYTES 65536
  SECONDS 20
  RUNS 26000)
fuzz_target(fuzz_partition
  SOURCES fuzz_partition.cpp
  LINKS norsim partition
  CORPUS partition
  SECONDS 20
  RUNS 48000)
fuzz_target(fuzz_table_edit
  SOURCES fuzz_table_edit.cpp
  LINKS image
  CORPUS partition
  SECONDS 20
  RUNS 60000)
fuzz_target(fuzz_firmware
  SOURCES fuzz_firmware.cpp ../support/firmware_maker.cpp
  LINKS image md ZLIB::ZLIB
  CORPUS firmware
  SECONDS 20
  RUNS 50000)
fuzz_target(fuzz_manifest
  SOURCES fuzz_manifest.cpp ../support/firmware_maker.cpp
  LINKS provision md ZLIB::ZLIB
  CORPUS manifest partition
  MAX_BYTES 8192
  SECONDS 20
  RUNS 150000)
