/** The first descriptor that systemd hands over. */
const FIRST = 3;

/**
 * Sockets that systemd opened for this process, as file descriptors: LISTEN_FDS of them, meant for LISTEN_PID. Throws
 * an Error if there are none.
 */
export function activatedSockets(env: Readonly<Record<string, string | undefined>>, pid: number): readonly number[] {
  const count = Number(env["LISTEN_FDS"] ?? "0");
  const owner = env["LISTEN_PID"];
  if (!Number.isInteger(count) || count < 1 || (owner !== undefined && owner !== String(pid))) {
    throw new Error("no socket activation file descriptors found");
  }
  return Array.from({ length: count }, (_, i) => FIRST + i);
}
