import { resolve } from "node:path";
import type { FlagValues } from "@narthex/runtime";
import type { flags } from "./flags.ts";
import type { Format } from "./formats/format.ts";
import { formats } from "./formats/registry.ts";
import { ReleaseError } from "./release-error.ts";
import { type Target, targets } from "./targets.ts";

/** The targets and formats to build, from the command line. */
export interface Plan {
  readonly targets: readonly Target[];
  readonly formats: readonly Format[];
  /** Paths of Node that the user has given, by the target's name. */
  readonly given: ReadonlyMap<string, string>;
  /** Sentences about omitted targets and formats: the user has not named them, and this machine cannot build them. */
  readonly leftOut: readonly string[];
  readonly out: string;
}

/**
 * Reads the flags. Throws ReleaseError for an unknown name, or if a format or target that is asked for by name cannot
 * be built.
 */
export function planRelease(values: FlagValues<typeof flags>, cwd: string): Plan {
  const given = givenNodes(values.node, cwd);
  const leftOut: string[] = [];
  const chosenTargets = chosen("--target", values.target, targets);
  const chosenFormats = chosen("--format", values.format, formats);
  const isByName = values.target.length > 0;
  // Node is needed only for formats that are built for each target.
  const isForTargets = chosenFormats.some((format) => "suits" in format);
  const buildable = chosenTargets.filter(({ name, node }) => {
    if (!isForTargets || node !== undefined || given.has(name)) return true;
    const why = `${name} is left out: npm has no Node for it; give one with --node=${name}=PATH`;
    if (isByName) throw new ReleaseError(why);
    leftOut.push(why);
    return false;
  });
  const makeable = chosenFormats.filter(({ name, missing }) => {
    const why = missing?.();
    if (why === undefined) return true;
    if (values.format.length > 0) throw new ReleaseError(`${name} cannot be made: ${why}`);
    leftOut.push(`${name} is left out: ${why}`);
    return false;
  });
  return { targets: buildable, formats: makeable, given, leftOut, out: resolve(cwd, values.out) };
}

/** Selects entries of a registry by name. Without names, returns all entries. */
function chosen<T extends { readonly name: string }>(
  flag: string,
  given: readonly string[],
  rows: readonly T[],
): readonly T[] {
  const names = given.flatMap((value) => value.split(","));
  const unknown = names.find((name) => !rows.some((row) => row.name === name));
  if (unknown !== undefined) {
    const known = rows.map(({ name }) => name).join(", ");
    throw new ReleaseError(`${flag}: there is no ${JSON.stringify(unknown)}; choose among ${known}`);
  }
  return names.length === 0 ? rows : rows.filter(({ name }) => names.includes(name));
}

function givenNodes(values: readonly string[], cwd: string): ReadonlyMap<string, string> {
  return new Map(
    values.map((value) => {
      const [, name = "", path = ""] = /^([^=]+)=(.+)$/.exec(value) ?? [];
      if (!targets.some((target) => target.name === name)) {
        const known = targets.map(({ name }) => name).join(", ");
        throw new ReleaseError(`--node=${value}: write TARGET=PATH, with a target among ${known}`);
      }
      return [name, resolve(cwd, path)];
    }),
  );
}
