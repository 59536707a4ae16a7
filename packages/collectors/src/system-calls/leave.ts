import { libcFunction } from "./libc.ts";

/**
 * From now on this process ends without waiting for its threads: exit(3) joins those that do file work, and one that
 * hangs in a system call would keep a stopped program alive for as long. Undone by calling what it gives. Where
 * _exit(2) cannot be called nothing changes.
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
