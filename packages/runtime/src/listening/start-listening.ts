import type { Logger } from "../logger.ts";

/** A server before it listens. */
interface Startable {
  /** True if TLS is in force. */
  readonly tls: boolean;
  /** Binds all addresses and returns the bound `host:port`s. Rejects if one is in use. */
  start(): Promise<readonly string[]>;
}

/** Starts a role's server, and logs its addresses and whether it uses TLS, as the originals do. */
export async function startListening(http: Startable, logger: Logger): Promise<void> {
  for (const address of await http.start()) logger.info("Listening on", { address });
  logger.info(http.tls ? "TLS is enabled." : "TLS is disabled.");
}
