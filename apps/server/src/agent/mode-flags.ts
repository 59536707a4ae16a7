import type { ServerFlags } from "../flags.ts";

/** Prefixes of flags that agent mode does not accept. */
const SERVER_ONLY = [
  "storage.tsdb.",
  "storage.remote.read-",
  "web.search.",
  "rules.",
  "alertmanager.",
  "query.",
] as const;

/**
 * Returns an error message if agent mode is used with flags of server mode, or the reverse. Otherwise returns
 * undefined.
 */
export function modeProblem(isAgent: boolean, given: ReadonlySet<string>): string | undefined {
  const wrong = [...given].filter((name) =>
    isAgent ? SERVER_ONLY.some((start) => name.startsWith(start)) : name.startsWith("storage.agent."),
  );
  if (wrong.length === 0) return undefined;
  const mode = isAgent ? "can not be used in agent mode" : "can only be used in agent mode";
  return `The following flag(s) ${mode}: [${wrong.map((name) => `"--${name}"`).join(" ")}]`;
}

/** Returns the reason why flag values for agent mode are invalid, or undefined if they are valid. */
export const agentFlagProblem = ({
  agent,
  "storage.agent.checkpoint-batch-size": batchSize,
}: Pick<ServerFlags, "agent" | "storage.agent.checkpoint-batch-size">): string | undefined =>
  agent && batchSize <= 0 ? "--storage.agent.checkpoint-batch-size must be greater than 0." : undefined;
