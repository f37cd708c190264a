# In the lx106 build: the firmware that tries its board, with a start() of its own.
lx106_firmware(board-self-test float SOURCES ${CMAKE_CURRENT_LIST_DIR}/self_test.cpp LINKS firmware_float)

include(${CMAKE_CURRENT_LIST_DIR}/../stress.cmake)
lx106_firmware(stress-float float SOURCES ${CMAKE_CURRENT_LIST_DIR}/../failed_assertion.cpp LINKS firmware_stress)
