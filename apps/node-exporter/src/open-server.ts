import type { Host, Logger } from "@narthex/runtime";
import type { Handler } from "./answers.ts";
import { type PageServer, plainServer } from "./plain-server.ts";

/** Where an exporter's pages are served, and who guards them. */
export interface ServerOptions {
  readonly listen: readonly string[];
  /** `--web.config.file`; empty for none. */
  readonly webConfigFile: string;
  /** On the sockets that systemd hands over, in place of addresses. */
  readonly fromSystemd: boolean;
}

/** Where nothing is to be guarded, and no socket comes from elsewhere, less is loaded. */
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
