/** Number of Node's file system threads. A call that hangs in the kernel blocks one thread. */
const THREADS = Math.max(3, Number(process.env["UV_THREADPOOL_SIZE"]) || 4);
/** Number of threads that mounts may not use, so that other work such as compression can run. */
const RESERVED = Math.ceil(THREADS / 4);

/** Maximum number of statfs calls at the same time. */
export const MAX_MOUNT_CALLS = THREADS - RESERVED;

/** Maximum number of concurrent reads of driver files, which use the threads that mounts may not use. */
export const MAX_DRIVER_READS = Math.max(1, RESERVED - 1);
