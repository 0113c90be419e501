// Attention alone, for programs that bring their own model: the operations on
// plain rows and on a cache, the layout of that cache, views and threads.
//
// A static library, tessera::kernels. The headers named here are for users;
// they may change with each minor version.
#ifndef TESSERA_KERNELS_ATTENTION_H_
#define TESSERA_KERNELS_ATTENTION_H_

#include "kernels/attention/attention.h"
#include "kernels/attention/cache/key_value_blocks.h"
#include "kernels/attention/shape.h"
#include "kernels/context.h"
#include "kernels/views.h"

#endif  // TESSERA_KERNELS_ATTENTION_H_
