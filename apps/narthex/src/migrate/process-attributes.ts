import { readFileSync } from "node:fs";
import { differs, fact, type Note } from "./note.ts";
import type { RolePlan } from "./role-plan.ts";
import type { FoundOriginal } from "./source/found-original.ts";

/** Matches environment variables of Go's runtime, which Narthex does not use. */
const GO = /^GO(?:GC|MAXPROCS|MEMLIMIT|DEBUG|TRACEBACK)$/;

/** Matches variables that Grafana's unit file inserts into the command line, and that the new server does not need. */
const GRAFANA_UNIT =
  /^(?:GRAFANA_(?:USER|GROUP|HOME)|(?:LOG|DATA|CONF|PLUGINS|PROVISIONING_CFG|PID_FILE)_DIR|CONF_FILE|MAX_OPEN_FILES|RESTART_ON_UPGRADE)$/;

/** Matches a variable in a configuration: `$NAME`, `${NAME}`, and Grafana's `$__env{NAME}`. */
const VARIABLE = /\$(?:__env)?(?:\{(\w+)\}|(\w+))/g;

/** Adds the environment variables of a running program that its configuration files refer to. */
export function withNamedVariables(found: FoundOriginal, paths: readonly string[]): FoundOriginal {
  const { env, otherEnv = {} } = found;
  const named = new Set<string>();
  for (const text of paths.map(textOf))
    for (const [, braced, plain] of text.matchAll(VARIABLE)) named.add(braced ?? plain!);
  const added = Object.entries(otherEnv).filter(([name]) => named.has(name));
  return { ...found, env: { ...env, ...Object.fromEntries(added) } };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Ignores the error: the code that reads the configuration file later reports it.
    return "";
  }
}

/**
 * Returns the part of a program's environment that is passed to the new server, and notes about the other variables.
 */
export function carriedEnvironment({ env, original }: FoundOriginal): Pick<RolePlan, "env" | "notes"> {
  const entries = Object.entries(env).filter(([name]) => !(original.role === "dashboards" && GRAFANA_UNIT.test(name)));
  const go = entries.map(([name]) => name).filter((name) => GO.test(name));
  return {
    env: Object.fromEntries(entries.filter(([name]) => !GO.test(name))),
    notes: go.length === 0 ? [] : [fact(`${go.join(", ")}: there is no Go runtime to set; left out`)],
  };
}

/** Returns the user that the new server runs as. A service needs a user with a name, not only an id. */
export function userOf(
  { user }: FoundOriginal,
  isService: boolean,
): { readonly user: string; readonly notes: readonly Note[] } {
  if (user === undefined) return { user: "", notes: [] };
  if (isService && /^\d+$/.test(user)) {
    const text = `the user ${user} has no name here; the role would run as a separate user, who must become the owner of the data`;
    return { user: "", notes: [differs(text)] };
  }
  const notes: readonly Note[] =
    user === "root" ? [fact("it runs as root, as before; no role of Narthex needs root")] : [];
  return { user, notes };
}
