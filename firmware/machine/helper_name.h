// The compiler's helper functions, by the names it calls them. Tests give them others, so that they
// can stand beside the host's own.
#pragma once

#ifndef MACHINE_HELPER
#define MACHINE_HELPER(name) name
#endif
