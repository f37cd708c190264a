# The libraries of lib/ that run on the chip, in the order of their dependencies.
foreach(library core luaflash lilotafs partition)
  add_subdirectory(${CMAKE_CURRENT_LIST_DIR}/${library} lib/${library})
endforeach()
