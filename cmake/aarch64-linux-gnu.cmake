# For arm64 on another machine: the cross compiler that Debian has, libraries unpacked by
# script/test-arm64, and QEMU to run what was built.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(triplet aarch64-linux-gnu)
set(root ${CMAKE_CURRENT_LIST_DIR}/../build/arm64-root)

set(CMAKE_CXX_COMPILER_TARGET ${triplet})  # Clang asks for it, g++ is named after it
if(NOT CMAKE_CXX_COMPILER)
  set(CMAKE_CXX_COMPILER ${triplet}-g++)
endif()
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static -L ${root})

# The C library is the compiler's own, so this is no sysroot: only what pkg-config finds is there.
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${root})
set(ENV{PKG_CONFIG_LIBDIR} ${root}/usr/lib/${triplet}/pkgconfig:${root}/usr/share/pkgconfig)
set(CMAKE_FIND_ROOT_PATH ${root})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
# What GStreamer's libraries need themselves stands beside them, and is built for another C library.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-rpath-link,${root}/usr/lib/${triplet} -Wl,--allow-shlib-undefined")
