import { libcFunction } from "./libc.ts";

/**
 * Makes this process exit without waiting for its threads. exit(3) joins the threads for file work, and one that hangs
 * in a system call would keep a stopped program alive. The returned function undoes this. Does nothing if _exit(2)
 * cannot be called.
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
