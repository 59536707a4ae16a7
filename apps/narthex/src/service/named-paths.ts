import { existsSync } from "node:fs";
import { type Access, accessProblem } from "./file-access.ts";
import type { ServiceDefinition } from "./service-manager.ts";
import { starterPaths } from "./starter.ts";
import { rooted, type System } from "./system.ts";

/** What differs between init systems in what a service may do with a path. */
interface PathRules {
  readonly access: Pick<Access, "user" | "asUser" | "isByName">;
  /** Why the service would not see a path, whoever may; undefined where it would. */
  readonly hidden?: (flag: string, path: string) => string | undefined;
  /** Is this folder made for the service's user when it is installed or started? */
  readonly isMade: (path: string) => boolean;
}

/** Why a service could not read or write the paths that its flags name, a sentence with its hint each. */
export async function namedPathProblems(
  definition: ServiceDefinition,
  { access, hidden = () => undefined, isMade }: PathRules,
  system: System,
): Promise<readonly string[]> {
  const { role, args, folders } = definition;
  const found: (string | undefined)[] = [];
  const starter = starterPaths(definition).filter((path) => !existsSync(rooted(system, path)));
  for (const name of role.reads) {
    const flag = `--${name}`;
    for (const path of args.values(name)) {
      if (path === "" || starter.includes(path)) continue;
      found.push(hidden(flag, path), await accessProblem({ ...access, flag, path, mode: "read" }, system));
    }
  }
  for (const { path, flag } of role.writes(args, folders)) {
    const problem = hidden(flag, path);
    if (problem !== undefined) found.push(problem);
    else if (!isMade(path)) found.push(await accessProblem({ ...access, flag, path, mode: "write" }, system));
  }
  return found.filter((sentence) => sentence !== undefined);
}
