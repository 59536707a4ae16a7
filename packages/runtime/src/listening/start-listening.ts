import type { Logger } from "../logger.ts";

/** A server that is not listening yet. */
interface Startable {
  readonly tls: boolean;
  /** Binds all addresses and returns the bound `host:port`s. Rejects if an address is in use. */
  start(): Promise<readonly string[]>;
}

/**
 * Starts to listen. Logs the addresses and whether the server uses TLS, as the program that the server replaces does.
 */
export async function startListening(http: Startable, logger: Logger): Promise<void> {
  for (const address of await http.start()) logger.info("Listening on", { address });
  logger.info(http.tls ? "TLS is enabled." : "TLS is disabled.");
}
