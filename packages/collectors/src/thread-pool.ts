/** Number of Node's file system threads. A file system call that hangs in the kernel blocks one thread. */
const THREADS = Math.max(3, Number(process.env["UV_THREADPOOL_SIZE"]) || 4);
/** Number of threads that calls to mounts may not use, so that other work such as compression can run. */
const RESERVED = Math.ceil(THREADS / 4);

/** Maximum number of statfs calls at the same time. */
export const MAX_MOUNT_CALLS = THREADS - RESERVED;

/** Largest number of concurrent reads of driver files. They use the threads that calls to mounts may not use. */
export const MAX_DRIVER_READS = Math.max(1, RESERVED - 1);
