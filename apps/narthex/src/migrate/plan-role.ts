import { RoleArguments } from "../service/role-arguments.ts";
import { roleNamed } from "../service/roles.ts";
import { rooted, type System } from "../service/system.ts";
import { checkConfiguration, machineFiles } from "./configuration.ts";
import { takeData } from "./data-folders.ts";
import { planDashboards } from "./grafana/plan-dashboards.ts";
import { flagNotes, refusalsOf } from "./flag-notes.ts";
import { programDefaults } from "./program-defaults.ts";
import type { PlanTerms, RolePlan } from "./role-plan.ts";
import type { FoundOriginal } from "./source/found-original.ts";
import { carriedEnvironment, userOf, withNamedVariables } from "./process-attributes.ts";
import { translate } from "./translate.ts";

/** Plans the Narthex server that replaces a program on this machine. */
export async function planRole(found: FoundOriginal, terms: PlanTerms, system: System): Promise<RolePlan> {
  return found.original.role === "dashboards" ? planDashboards(found, terms, system) : planOther(found, terms, system);
}

async function planOther(process: FoundOriginal, terms: PlanTerms, system: System): Promise<RolePlan> {
  const { original } = process;
  const role = roleNamed(original.role)!;
  const hasPaths = original.role !== "cadvisor";
  const defaults = hasPaths ? await programDefaults(process.program, system) : new Map<string, string>();
  const translation = translate(process, { role, defaults, system });
  const args = new RoleArguments(translation.words);
  const found = withNamedVariables(
    process,
    args.values("config.file").map((path) => rooted(system, path)),
  );
  const data = takeData(found, args, system);
  const refusals = await refusalsOf(role, args, system);
  const { env, notes: envNotes } = carriedEnvironment(found);
  const configuration = await checkConfiguration(role, args, { files: machineFiles(system), env, system });
  const { user, notes: userNotes } = userOf(found, terms.isService);
  return {
    found,
    role,
    args,
    user,
    env,
    configuration: configuration.words,
    files: [],
    data,
    notes: [
      ...refusals,
      ...configuration.notes,
      ...found.notes,
      ...translation.notes,
      ...flagNotes(original, args),
      ...envNotes,
      ...userNotes,
    ],
  };
}
