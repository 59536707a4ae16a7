import type { ServerFlags } from "../flags.ts";

/** Prefixes of flags that apply only to a server, not to an agent. */
const SERVER_ONLY = [
  "storage.tsdb.",
  "storage.remote.read-",
  "web.search.",
  "rules.",
  "alertmanager.",
  "query.",
] as const;

/** Returns a message about given flags of the other mode; undefined if all flags belong to this mode. */
export function modeProblem(isAgent: boolean, given: ReadonlySet<string>): string | undefined {
  const wrong = [...given].filter((name) =>
    isAgent ? SERVER_ONLY.some((start) => name.startsWith(start)) : name.startsWith("storage.agent."),
  );
  if (wrong.length === 0) return undefined;
  const mode = isAgent ? "can not be used in agent mode" : "can only be used in agent mode";
  return `The following flag(s) ${mode}: [${wrong.map((name) => `"--${name}"`).join(" ")}]`;
}

/** Returns the reason why the values of an agent's flags cannot be used. Undefined if they are valid. */
export const agentFlagProblem = ({
  agent,
  "storage.agent.checkpoint-batch-size": batchSize,
}: Pick<ServerFlags, "agent" | "storage.agent.checkpoint-batch-size">): string | undefined =>
  agent && batchSize <= 0 ? "--storage.agent.checkpoint-batch-size must be greater than 0." : undefined;
