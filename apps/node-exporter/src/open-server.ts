import type { Host, Logger } from "@narthex/runtime";
import type { Handler } from "./answers.ts";
import { type PageServer, plainServer } from "./plain-server.ts";

/** Addresses and protection of an exporter's pages. */
export interface ServerOptions {
  readonly listen: readonly string[];
  /** Value of `--web.config.file`; empty if it is not given. */
  readonly webConfigFile: string;
  /** Whether systemd provides the sockets, in place of addresses. */
  readonly fromSystemd: boolean;
}

/** Opens a server. Without protection and sockets of systemd, less code is loaded. */
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
