// How a worker process is started, so that it holds what it needs and not what V8 and the C library would keep for later: it
// streams files and packs records by the thousand, and may do so beside others on one machine.

// The old heap is collected when it has grown by a seventh, the young one is small (buffers of files are young), and WebAssembly
// (Prisma's query compiler, the HTTP parser) is not compiled a second time for speed, which takes 50 MiB while it happens. Between the
// parts of large work it asks for what V8 would keep (lib/jobs/giveBack.ts).
export const WORKER_FLAGS = ["--expose-gc", "--heap-growing-percent=15", "--max-semi-space-size=1", "--no-wasm-tier-up", "--no-wasm-dynamic-tiering"];

// glibc: few heaps that give back their free ends, and buffers from 64 KiB on outside of them.
// https://www.gnu.org/software/libc/manual/html_node/Malloc-Tunable-Parameters.html
export const WORKER_ENV = { MALLOC_ARENA_MAX: "1", MALLOC_MMAP_THRESHOLD_: "16384", MALLOC_TRIM_THRESHOLD_: "65536", MALLOC_TOP_PAD_: "0" };
