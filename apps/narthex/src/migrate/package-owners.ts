import type { System } from "../service/system.ts";
import { differs, type Note } from "./note.ts";
import type { RolePlan } from "./role-plan.ts";

/** A distribution package that owns files which the new server uses. */
export interface PackageOwner {
  readonly name: string;
  /** Files that are deleted or renamed, or may be, when the package is removed. */
  readonly paths: readonly string[];
  /**
   * Whether removing the package would stop the new service, because the new service has the same name as the package's
   * service.
   */
  readonly stopsService: boolean;
}

/**
 * Folder of state data. Purging a package deletes its data in this folder, although the package's file list does not
 * contain the data.
 */
const STATE = "/var/lib/";

/** Finds packages whose removal would delete files that the new server uses: configuration, data or the service. */
export async function packageOwners({ found, args, data, role }: RolePlan, system: System): Promise<PackageOwner[]> {
  const { origin, program } = found;
  if (origin.kind === "compose" || system.platform !== "linux") return [];
  const unit = origin.kind === "unit" ? [origin.path] : [];
  const configuration = [...args.values("config.file"), ...args.values("config")];
  const own = [...configuration, ...data.map(({ path }) => path)].filter((path) => path.startsWith("/"));
  const owners = await ownersOf([program, ...unit, ...own], system);
  const makers = new Set([program, ...unit].flatMap((path) => owners.get(path) ?? []));
  const stops = origin.kind === "unit" && origin.name === `${role.name}.service` ? (owners.get(origin.path) ?? []) : [];
  const names = new Set([...makers, ...own.flatMap((path) => owners.get(path) ?? [])]);
  return [...names]
    .map((name) => ({
      name,
      paths: own.filter(
        (path) =>
          owners.get(path)?.includes(name) === true ||
          (makers.has(name) && path.startsWith(STATE) && !owners.has(path) && !configuration.includes(path)),
      ),
      stopsService: stops.includes(name),
    }))
    .filter(({ paths, stopsService }) => paths.length > 0 || stopsService);
}

/** Returns the packages that own each path, by path. Paths without a package are omitted. */
async function ownersOf(paths: readonly string[], system: System): Promise<ReadonlyMap<string, readonly string[]>> {
  const owners = new Map<string, readonly string[]>();
  // Returns the paths under which a package may list a file: below /lib or /usr/lib, because one of the two folders is
  // a link to the other.
  const spellings = (path: string): readonly string[] => [path, path.replace(/^\/usr\//, "/"), `/usr${path}`];
  const asked = await system.run("dpkg-query", ["-S", ...new Set(paths.flatMap(spellings))]);
  for (const line of asked.stdout.split("\n")) {
    const [, packages, file] = line.startsWith("diversion by ") ? [] : (/^([^/]+): (\/.*)$/.exec(line) ?? []);
    const path = paths.find((one) => file !== undefined && spellings(one).includes(file));
    if (path !== undefined) owners.set(path, packages!.split(", "));
  }
  if (asked.status !== 127) return owners;
  for (const path of new Set(paths)) {
    const { status, stdout } = await system.run("rpm", ["-qf", "--queryformat", "%{NAME}\\n", path]);
    if (status === 127) break;
    const names = stdout.split("\n").filter((name) => name !== "");
    if (status === 0 && names.length > 0) owners.set(path, names);
  }
  return owners;
}

/** Returns notes that say what a removal of the packages would delete, and what to do. */
export const packageNotes = (owners: readonly PackageOwner[]): readonly Note[] =>
  owners.map((owner) => differs(sentenceOf(owner)));

/** Returns a sentence that describes what the removal of a package would delete, and how to avoid it. */
export function sentenceOf({ name, paths, stopsService }: PackageOwner): string {
  const effects = [
    ...(stopsService ? ["stops our service, which has the name of its unit"] : []),
    ...(paths.length > 0 ? [`may delete ${paths.join(" and ")}, which our service uses`] : []),
  ];
  return `do not remove or purge the package ${name}: its removal ${effects.join(", and ")}; keep it installed, or first move these files as docs/migrate.md describes`;
}
