// What the shared library shows.
#ifndef TESSERA_EXPORT_H_
#define TESSERA_EXPORT_H_

// Marks a class or function of the public headers: all else is hidden.
#define TESSERA_API __attribute__((visibility("default")))

#endif  // TESSERA_EXPORT_H_
