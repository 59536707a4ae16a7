import { isatty } from "node:tty";

/**
 * Returns a function that reports whether this process's terminal was closed. If there was no terminal at the start,
 * the function always returns false.
 * @param isOpen reports whether a file descriptor is an open terminal
 */
export function terminalWatch(isOpen = isatty, platform = process.platform): () => boolean {
  const terminals = [0, 1, 2].filter((descriptor) => isOpen(descriptor));
  // Windows sends SIGHUP only when the console closes, and ends the process a few seconds later.
  return () => terminals.length > 0 && (platform === "win32" || terminals.some((descriptor) => !isOpen(descriptor)));
}
