// Folders whose weights are packed for this CPU.
#ifndef TESSERA_ENGINE_PACK_FOLDER_H_
#define TESSERA_ENGINE_PACK_FOLDER_H_

#include <tessera/options.h>

#include <filesystem>

namespace tessera::engine {

// Makes `packed` a folder of the same model with its weights in one file that
// is mapped (models/weights/packed_file.h): it loads at once, processes share
// its memory, and translations have the same bits. The other regular files come
// along, those that are links too.
//
// `packed` must be absent or an empty folder. It is written beside, and there
// as a whole or not at all. Throws Error, also for a folder that cannot be
// loaded or that is packed already.
void PackFolder(const std::filesystem::path& folder,
                const std::filesystem::path& packed, Precision precision);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_PACK_FOLDER_H_
