import type { Host, Logger } from "@narthex/runtime";
import type { Handler } from "./answers.ts";
import { type PageServer, plainServer } from "./plain-server.ts";

export interface ServerOptions {
  readonly listen: readonly string[];
  /** Value of `--web.config.file`; empty if it is not given. */
  readonly webConfigFile: string;
  /** Whether systemd provides the listening sockets, so that `listen` is not used. */
  readonly fromSystemd: boolean;
}

/** Opens a server. Loads the code for TLS, authentication and systemd sockets only if needed. */
export async function openServer(
  { listen, webConfigFile, fromSystemd }: ServerOptions,
  handle: Handler,
  host: Host,
  logger: Logger,
): Promise<PageServer> {
  const { clock } = host;
  if (webConfigFile === "" && !fromSystemd) return plainServer(listen, handle, clock, logger);
  const { guardedServer, systemdSockets } = await import("./guarded-server.ts");
  return guardedServer({ listen, webConfigFile, clock, logger, ...(fromSystemd ? systemdSockets(host) : {}) }, handle);
}
