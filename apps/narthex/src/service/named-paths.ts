import { existsSync } from "node:fs";
import { type Access, accessProblem } from "./file-access.ts";
import type { ServiceDefinition } from "./service-manager.ts";
import { starterPaths } from "./starter.ts";
import { rooted, type System } from "./system.ts";

/** Rules by which an init system restricts a service's access to paths. */
interface PathRules {
  readonly access: Pick<Access, "user" | "asUser" | "isByName">;
  /**
   * Returns the reason why the service cannot see a path, independent of file permissions. Undefined if the service can
   * see the path.
   */
  readonly hidden?: (flag: string, path: string) => string | undefined;
  /** Reports whether installing or starting the service creates this folder for the service's user. */
  readonly isMade: (path: string) => boolean;
}

/** Returns the reasons why a service cannot read or write paths in its flags: for each, a sentence with a hint. */
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
