import { join } from "node:path";
import { RoleArguments } from "../../service/role-arguments.ts";
import { roleNamed } from "../../service/roles.ts";
import { rooted, type System } from "../../service/system.ts";
import { flagNotes, refusalsOf } from "../flag-notes.ts";
import { fact } from "../note.ts";
import type { PlanTerms, RolePlan } from "../role-plan.ts";
import type { FoundOriginal } from "../source/found-original.ts";
import { carriedEnvironment, userOf, withNamedVariables } from "../process-attributes.ts";
import { translate } from "../translate.ts";
import { DASHBOARDS, PROVISIONING } from "./exported-files.ts";
import { grafanaArguments, grafanaSettings, movedFolders, planGrafana, provisioningFiles } from "./grafana-plan.ts";

/** Plans the replacement of a Grafana on this machine by Narthex's dashboards server. */
export async function planDashboards(process: FoundOriginal, terms: PlanTerms, system: System): Promise<RolePlan> {
  const { isService, folder, grafanaDatabase } = terms;
  const role = roleNamed(process.original.role)!;
  const found = withNamedVariables(process, configurationFiles(process, system));
  const settings = grafanaSettings(found, system);
  const database = grafanaDatabase === "" ? settings.places.database : grafanaDatabase;
  const place = isService ? `/etc/${role.name}/dashboards` : join(folder, DASHBOARDS);
  const move = planGrafana({ ...settings.places, database }, place, system);
  const translation = translate(found, { role, defaults: new Map(), system });
  const isProvisioned = movedFolders(move.files).includes(PROVISIONING);
  // A service needs no folder arguments, because its systemd unit sets the folders.
  const own = isService
    ? []
    : [
        `cfg:paths.data=${settings.data}`,
        ...(isProvisioned ? [`cfg:paths.provisioning=${join(folder, PROVISIONING)}`] : []),
      ];
  const args = grafanaArguments(new RoleArguments(translation.words), settings.config, own);
  const carried = carriedEnvironment(found);
  const { user, notes: userNotes } = userOf(found, terms.isService);
  return {
    found,
    role,
    args,
    user,
    env: Object.fromEntries(Object.entries(carried.env).filter(([name]) => !name.startsWith("GF_PATHS_"))),
    configuration: settings.config === undefined ? [] : [`${settings.config}: read, with the files that it names`],
    files: move.files,
    data: move.data,
    notes: [
      ...settings.notes,
      ...(await refusalsOf(role, args, system)),
      ...found.notes,
      ...translation.notes,
      ...move.notes,
      ...flagNotes(found.original, args),
      ...carried.notes,
      ...userNotes,
      ...(isService || !isProvisioned ? [] : [fact(`the role reads ${join(folder, "grafana")}: keep that folder`)]),
    ],
  };
}

/** Returns the files in which Grafana replaces environment variables: the settings file and the provisioning files. */
function configurationFiles(found: FoundOriginal, system: System): readonly string[] {
  const { config, places } = grafanaSettings(found, system);
  const provisioning = places.provisioning === undefined ? [] : provisioningFiles(rooted(system, places.provisioning));
  return [...(config === undefined ? [] : [rooted(system, config)]), ...provisioning];
}
