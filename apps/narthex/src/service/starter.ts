import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ServiceDefinition } from "./service-manager.ts";
import type { Step } from "./steps.ts";
import { rooted, type System } from "./system.ts";

/** Returns the path to which each part of the starter configuration is copied. */
export const starterPaths = ({ role, folders }: ServiceDefinition): readonly string[] =>
  role.starter.map((name) => join(folders.config, lastPart(name)));

const lastPart = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/**
 * Returns the steps that copy the starter configuration: the server's configuration file and files that belong to it.
 * Nothing is copied if the configuration file exists, or if the service uses another file.
 */
export function starterSteps(definition: ServiceDefinition, system: System): readonly Step[] {
  const { role, starterFolder, args, environment } = definition;
  const paths = starterPaths(definition);
  const [main] = paths;
  if (main === undefined) return [];
  if (existsSync(rooted(system, main))) return [{ kind: "tell", text: `${rooted(system, main)} is kept` }];
  const isUsed = args.value("config.file") === main || Object.values(environment).includes(main);
  if (!isUsed) return [];
  return role.starter.map((name, i) => ({
    kind: "copy",
    from: join(starterFolder, name),
    path: paths[i]!,
    note: "is the starter configuration; change it as you like",
  }));
}
