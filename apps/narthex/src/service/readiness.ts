import { localAddress } from "./local-address.ts";
import type { RoleArguments } from "./role-arguments.ts";
import type { RoleAddress } from "./roles.ts";
import type { System } from "./system.ts";

/** Whether a server responds, and its state as text. */
export interface Readiness {
  readonly isUp: boolean;
  readonly words: string;
}

/**
 * Sends a request to a server's first address. A server with TLS or passwords counts as ready if its port is open. A
 * server whose port is unknown (0, or opened by the init system) always counts as ready.
 */
export async function readinessOf(
  { listen, path }: RoleAddress,
  args: RoleArguments,
  system: System,
): Promise<Readiness> {
  if (args.words.includes("--web.systemd-socket")) return { isUp: true, words: "the init system opens its sockets" };
  const { host, port } = localAddress(listen[0]!);
  if (port === 0) return { isUp: true, words: "its port is chosen at each start" };
  const where = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (args.value("web.config.file") !== undefined) {
    const isUp = await system.isListening(host, port);
    return { isUp, words: isUp ? `listens at ${where}` : `does not listen at ${where}` };
  }
  const status = await system.httpStatus(host, port, path);
  if (status === undefined) return { isUp: false, words: `does not answer at http://${where}${path}` };
  const isUp = status < 400 || status === 401 || status === 403;
  return { isUp, words: isUp ? `ready at http://${where}` : `not ready, http://${where}${path} answers ${status}` };
}

/** Returns the last line of a log that reports an error. Undefined for a log without errors. */
export const lastError = (lines: readonly string[]): string | undefined =>
  lines.findLast((line) => /\blevel=ERROR\b|"level":"ERROR"|^[\w ]+: error: |^(?:\w*Error|Error): /.test(line))?.trim();
