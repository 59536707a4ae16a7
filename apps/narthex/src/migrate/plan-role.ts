import { checkArguments, RoleArguments } from "../service/role-arguments.ts";
import { roleNamed } from "../service/roles.ts";
import type { System } from "../service/system.ts";
import { checkConfiguration, machineFiles } from "./configuration.ts";
import { takeData } from "./data-folders.ts";
import { flagNotes } from "./flag-notes.ts";
import { blocks, differs, fact, type Note } from "./note.ts";
import { programDefaults } from "./program-defaults.ts";
import type { RolePlan } from "./role-plan.ts";
import type { FoundOriginal } from "./source/found-original.ts";
import { translate } from "./translate.ts";

/** What a role is to be started with in place of an original of this machine. */
export async function planRole(found: FoundOriginal, system: System): Promise<RolePlan> {
  const { original } = found;
  const role = roleNamed(original.role)!;
  const hasPaths = original.role !== "dashboards" && original.role !== "cadvisor";
  const defaults = hasPaths ? await programDefaults(found.program, system) : new Map<string, string>();
  const translation = translate(found, { role, defaults, system });
  const args = new RoleArguments(translation.words);
  const { data, notes } = takeData(found, args, system);
  const refusals = await refusalsOf(role, args, system);
  const { env, notes: envNotes } = carriedEnvironment(found);
  const configuration = await checkConfiguration(role, args, { files: machineFiles(system), env, system });
  const { user, notes: userNotes } = userOf(found);
  return {
    found,
    role,
    args,
    user,
    env,
    configuration: configuration.words,
    data,
    notes: [
      ...refusals,
      ...configuration.notes,
      ...found.notes,
      ...translation.notes,
      ...notes,
      ...flagNotes(original, args),
      ...envNotes,
      ...userNotes,
    ],
  };
}

/** What the role itself says of its arguments. */
export async function refusalsOf(
  role: RolePlan["role"],
  args: RoleArguments,
  { host }: System,
): Promise<readonly Note[]> {
  const { kind, text } = await checkArguments(await role.load(), host, args.words);
  if (kind === "good") return [];
  if (kind === "help") return [blocks("the command line asks for help or a version, and starts nothing")];
  return [blocks(text.trim())];
}

/** Settings of Go's runtime. */
const GO = /^GO(?:GC|MAXPROCS|MEMLIMIT|DEBUG|TRACEBACK)$/;

/** Variables of Grafana's unit, which its command line is made of. */
const GRAFANA_UNIT =
  /^(?:GRAFANA_(?:USER|GROUP|HOME)|(?:LOG|DATA|CONF|PLUGINS|PROVISIONING_CFG|PID_FILE)_DIR|CONF_FILE|MAX_OPEN_FILES|RESTART_ON_UPGRADE)$/;

/** The part of an original's environment that the role is started with too. */
export function carriedEnvironment({ env, original }: FoundOriginal): Pick<RolePlan, "env" | "notes"> {
  const entries = Object.entries(env).filter(([name]) => !(original.role === "dashboards" && GRAFANA_UNIT.test(name)));
  const go = entries.map(([name]) => name).filter((name) => GO.test(name));
  return {
    env: Object.fromEntries(entries.filter(([name]) => !GO.test(name))),
    notes: go.length === 0 ? [] : [fact(`${go.join(", ")}: there is no Go runtime to set; left out`)],
  };
}

function userOf({ user }: FoundOriginal): { readonly user: string; readonly notes: readonly Note[] } {
  if (user === undefined) return { user: "", notes: [] };
  if (/^\d+$/.test(user)) {
    const text = `the user ${user} has no name here; ours would be a user of the role's own, whom the data must be given to`;
    return { user: "", notes: [differs(text)] };
  }
  const notes: readonly Note[] =
    user === "root" ? [fact("it runs as root, as before; no role of ours needs that")] : [];
  return { user, notes };
}
