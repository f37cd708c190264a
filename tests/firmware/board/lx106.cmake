# In the lx106 build: the firmware that tries its board.
lx106_firmware(board-self-test float SOURCES ${CMAKE_CURRENT_LIST_DIR}/self_test.cpp)
