import { WebConfigError } from "@narthex/http";
import { FlagError, type Host, ListenAddressError, startRole } from "@narthex/runtime";
import { flags } from "./flags.ts";
import { runServer } from "./wire.ts";

export { flags };

/** `narthex server`: in place of Prometheus. Resolves with the exit status when the host is told to stop. */
export async function main(host: Host): Promise<number> {
  const started = startRole(host, {
    program: "prometheus",
    about: "The monitoring server: scrapes targets, stores samples, answers queries, evaluates rules.",
    table: flags,
    errorText: (message) => `Error parsing command line arguments: ${message}\nprometheus: error: ${message}`,
  });
  if ("exit" in started) return started.exit;
  try {
    return await runServer(host, started);
  } catch (error) {
    if (error instanceof FlagError || error instanceof WebConfigError || error instanceof ListenAddressError) {
      started.logger.error("Cannot start", { err: error });
      return 1;
    }
    throw error;
  }
}
