import { existsSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { NewFile } from "../../init/new-files.ts";
import { shellCommand } from "../../service/shell-words.ts";
import type { System } from "../../service/system.ts";
import { PROVISIONING } from "../grafana/exported-files.ts";
import { type GrafanaMove, type GrafanaPlaces, movedFolders, planGrafana } from "../grafana/grafana-plan.ts";
import { type ComposeProject, mapIn } from "./compose-project.ts";
import type { FoundService } from "./find-services.ts";
import { hostPath, mountAt } from "./mounts.ts";

/** Folder in the container in which the exported dashboards are mounted. */
const INSIDE = "/etc/narthex/dashboards";
const VOLUMES = "/var/lib/docker/volumes";

export interface ContainerMove extends GrafanaMove {
  readonly service: string;
  /** A compose file that mounts the provisioning files for the service. Undefined if no additional file is needed. */
  readonly override: string | undefined;
  /** Shell lines that let the container's user read the provisioning files. */
  readonly lines: readonly string[];
}

/**
 * Plans the migration of Grafana's data in a container. Reads the database in the service's volume if this user has
 * access.
 */
export function moveContainer(
  { found, mounts }: FoundService,
  project: ComposeProject,
  terms: {
    readonly folder: string;
    readonly grafanaDatabase: string;
    readonly data: string;
    readonly projectName: string;
  },
  system: System,
): ContainerMove {
  const { folder, grafanaDatabase, data, projectName } = terms;
  const mount = mountAt(data, mounts);
  const volume =
    mount?.kind === "volume" ? join(VOLUMES, volumeName(mount.source, project, projectName), "_data") : undefined;
  const ownFolder = hostPath(data, mounts) ?? volume;
  const own = ownFolder === undefined ? undefined : join(ownFolder, "grafana.db");
  const provisioning = hostPath(found.env["GF_PATHS_PROVISIONING"] ?? "/etc/grafana/provisioning", mounts);
  const places: GrafanaPlaces = {
    database: grafanaDatabase === "" ? own : grafanaDatabase,
    provisioning: provisioning !== undefined && existsSync(provisioning) ? provisioning : undefined,
  };
  const { service } = found.origin;
  // Plans with the root `/`, because paths in compose files are resolved from the real root and not from `system.root`.
  const move = planGrafana(places, INSIDE, { ...system, root: "/" });
  const isExported = move.files.some(({ path }) => path.endsWith("/migrated.yml"));
  if (!isExported) return { ...move, service, files: [], override: undefined, lines: [] };
  const isSecret = move.files.some((file: NewFile) => file.isSecret);
  const inside = found.env["GF_PATHS_PROVISIONING"] ?? "/etc/grafana/provisioning";
  const moved = movedFolders(move.files).map((path) => ({
    source: join(folder, path),
    target: path === PROVISIONING ? inside : INSIDE,
  }));
  return {
    ...move,
    service,
    override: overrideFile(service, moved),
    lines: isSecret ? [shellCommand(["chown", "-R", "472:0", join(folder, "grafana")])] : [],
  };
}

function overrideFile(service: string, moved: readonly { readonly source: string; readonly target: string }[]): string {
  const volumes = moved.map(({ source, target }) => `${source}:${target}:ro`.replaceAll("$", "$$$$"));
  const head = "# What the dashboards are provisioned with: the files of before, and what was in Grafana's database.\n";
  return head + stringify({ services: { [service]: { volumes } } }, { lineWidth: 0 });
}

/** Returns the name that the container engine gives to a volume of the project. */
function volumeName(name: string, project: ComposeProject, projectName: string): string {
  for (const { root, path } of project.files.toReversed()) {
    const entry = mapIn(mapIn(root, "volumes"), name);
    const given = entry === undefined ? undefined : project.textIn(entry, "name", path);
    if (given !== undefined) return given;
  }
  return `${projectName}_${name}`;
}
