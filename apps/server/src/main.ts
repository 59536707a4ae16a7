import { SignInUrlError, WebConfigError } from "@narthex/http";
import { FlagError, type Host, ListenAddressError, startRole } from "@narthex/runtime";
import { agentFlagProblem, modeProblem } from "./agent/mode-flags.ts";
import { ConfigurationError } from "./configuration/configuration.ts";
import { flags } from "./flags.ts";
import { runServer } from "./server.ts";

export { flags };

/** Errors at startup that are logged without a stack trace, because they are not bugs. */
const EXPECTED = [FlagError, WebConfigError, SignInUrlError, ListenAddressError, ConfigurationError];

/** Exit status if flags of agent mode and of server mode are mixed. */
const WRONG_MODE = 3;

/** Runs `narthex server`, which replaces Prometheus, until the host asks it to stop. Resolves with the exit status. */
export async function main(host: Host): Promise<number> {
  const started = startRole(host, {
    program: "prometheus",
    about: "The monitoring server: scrapes targets, stores samples, answers queries, evaluates rules.",
    table: flags,
    errorText: (message) => `Error parsing command line arguments: ${message}\nprometheus: error: ${message}`,
  });
  if ("exit" in started) return started.exit;
  const problem = modeProblem(started.flags.agent, started.given);
  if (problem !== undefined) {
    host.stderr(`${problem}\n`);
    return WRONG_MODE;
  }
  const agentProblem = agentFlagProblem(started.flags);
  if (agentProblem !== undefined) {
    host.stderr(`${agentProblem}\n`);
    return 1;
  }
  try {
    return await runServer(host, started);
  } catch (error) {
    if (EXPECTED.some((kind) => error instanceof kind)) {
      started.logger.error("Cannot start", { err: error });
      return 1;
    }
    throw error;
  }
}
