// Goes in front of the machine's sources: their functions stand beside the host's own.
#pragma once

#define MACHINE_HELPER(name) machine_##name
