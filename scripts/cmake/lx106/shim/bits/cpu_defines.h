// Stands in for the host processor's own header of this name: nothing of it is wanted on lx106.
