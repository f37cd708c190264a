// Stands in for the host C library's own header of this name: nothing of it is wanted on lx106.
