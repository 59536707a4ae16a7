/** Number of Node's threads for file work. A call that hangs in the kernel holds one of them. */
const THREADS = Math.max(3, Number(process.env["UV_THREADPOOL_SIZE"]) || 4);
/** Threads that mounts leave free for other work, such as compression. */
const RESERVED = Math.ceil(THREADS / 4);

/** Maximum number of statfs calls at the same time. */
export const MAX_MOUNT_CALLS = THREADS - RESERVED;

/** Maximum number of reads of drivers' files at the same time. They use the threads that mounts leave free. */
export const MAX_DRIVER_READS = Math.max(1, RESERVED - 1);
