import type { Logger } from "../logger.ts";

/** A server before it listens. */
interface Startable {
  /** Is TLS in force? */
  readonly tls: boolean;
  /** Binds all addresses; the bound `host:port`s. Rejects if one is taken. */
  start(): Promise<readonly string[]>;
}

/** Starts a role's server, and says in the log where it listens and whether over TLS, as the originals do. */
export async function startListening(http: Startable, logger: Logger): Promise<void> {
  for (const address of await http.start()) logger.info("Listening on", { address });
  logger.info(http.tls ? "TLS is enabled." : "TLS is disabled.");
}
