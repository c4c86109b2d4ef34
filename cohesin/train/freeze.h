#pragma once

#include "cohesin/train/train_settings.h"
#include "cohesin/train/trainable.h"

namespace cohesin {

// Sets requires_grad of the module's parameters. The head and an adapter are always
// trained; of the rest nothing is frozen, everything, or everything but the last K blocks. Blocks
// are what the models call `transformer.0`, `transformer.1`, ..., at any depth. Throws Error when K
// blocks are asked for and there are fewer.
void apply_freeze(Trainable& trainable, const Freeze& freeze);

}  // namespace cohesin
