import { libcFunction } from "./libc.ts";

/**
 * Makes the process exit without waiting for its file threads, which may hang in a system call. The returned function
 * restores the normal exit. Does nothing if _exit(2) cannot be called.
 */
export function leaveWithoutWaiting(): () => void {
  let leave: ((status: number) => void) | undefined;
  libcFunction("void _exit(int status)").then(
    (call) => (leave = (status) => void call(status)),
    () => undefined,
  );
  const onExit = (status: number): void => leave?.(status);
  process.on("exit", onExit);
  return () => void process.off("exit", onExit);
}
