/** Number of the first file descriptor that systemd passes. */
const FIRST = 3;

/**
 * Returns the file descriptors of sockets that systemd opened for this process. There are LISTEN_FDS of them if
 * LISTEN_PID is this process. Throws an Error if systemd passed none.
 */
export function activatedSockets(env: Readonly<Record<string, string | undefined>>, pid: number): readonly number[] {
  const count = Number(env["LISTEN_FDS"] ?? "0");
  const owner = env["LISTEN_PID"];
  if (!Number.isInteger(count) || count < 1 || (owner !== undefined && owner !== String(pid))) {
    throw new Error("no socket activation file descriptors found");
  }
  return Array.from({ length: count }, (_, i) => FIRST + i);
}
