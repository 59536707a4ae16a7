import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { rooted, type System } from "../service/system.ts";
import { unquoted, withoutContinuation } from "../service/role-arguments.ts";
import type { ServiceRole } from "../service/roles.ts";
import { type FlagWord, flagWords } from "./flag-words.ts";
import { differs, fact, type Note } from "./note.ts";
import type { Original } from "./originals.ts";
import type { ProgramDefaults } from "./program-defaults.ts";
import type { FoundOriginal } from "./source/found-original.ts";

/** Arguments for the new server, translated from those of the original program, with notes about changes. */
export interface Translation {
  readonly words: readonly string[];
  readonly notes: readonly Note[];
}

interface Terms {
  readonly role: ServiceRole;
  readonly defaults: ProgramDefaults;
  readonly system: System;
}

/**
 * Translates the original program's arguments for the new server. Replaces obsolete flags and makes paths absolute.
 * Adds flags for the original program's default paths if the new server needs the flags or if the paths exist.
 */
export function translate(
  { original, words, cwd, program }: FoundOriginal,
  { role, defaults, system }: Terms,
): Translation {
  const paths = pathFlags(original, role);
  const own = role.role === "dashboards" && words[0] === "server" ? words.slice(1) : words;
  const notes: Note[] = [];
  const written = flagWords(withoutContinuation(own), original.table)
    .flatMap((flag) => renamed(flag, original, notes))
    .map((flag) => absolute(flag, paths, cwd));
  const given = new Set(written.map(({ name }) => name));
  const silent = silentPaths(original, { paths, given, defaults });
  const added = silent
    .map(([name, value]) => ({ name, value: value === "" ? "" : resolve(cwd, value) }))
    .filter(({ name, value }) => isNeeded(name, original) || (value !== "" && existsSync(rooted(system, value))));
  if (added.length > 0 && defaults === undefined)
    notes.push(
      differs(
        `${program} --help could not be run: upstream's defaults are used for ${added.map(({ name }) => `--${name}`).join(", ")}`,
      ),
    );
  return {
    words: [...added.map(({ name, value }) => `--${name}=${value}`), ...written.flatMap((flag) => flag.words)],
    notes,
  };
}

/** Returns the names of flags whose values are paths of files or folders. */
const pathFlags = (original: Original, role: ServiceRole): ReadonlySet<string> =>
  new Set([...role.reads, ...(role.scans ?? []), ...Object.keys(original.data)]);

function renamed(flag: FlagWord, { former = {}, title }: Original, notes: Note[]): readonly FlagWord[] {
  const change = Object.hasOwn(former, flag.name) ? former[flag.name] : undefined;
  if (change === undefined) return [flag];
  if ("leftOut" in change) {
    notes.push(fact(`--${flag.name} is left out: ${change.leftOut}`));
    return [];
  }
  notes.push(fact(`--${flag.name} is called --${change.now} by ${title} of today`));
  return [{ name: change.now, value: flag.value, words: [`--${change.now}=${flag.value ?? ""}`] }];
}

/** Makes paths absolute, since a service has no working directory for relative paths. */
function absolute(flag: FlagWord, paths: ReadonlySet<string>, cwd: string): FlagWord {
  const { name, value } = flag;
  if (!paths.has(name) || value === undefined || value === "") return flag;
  const path = resolve(cwd, unquoted(value));
  return { name, value: path, words: [`--${name}=${path}`] };
}

interface Silence {
  readonly paths: ReadonlySet<string>;
  readonly given: ReadonlySet<string>;
  readonly defaults: ProgramDefaults;
}

/** Returns flags with the original program's default paths, for path flags that are not given. */
function silentPaths(original: Original, { paths, given, defaults }: Silence): readonly (readonly [string, string])[] {
  return [...paths].flatMap((name) => {
    const flag = original.table[name];
    if (given.has(name) || flag === undefined || !isOfMode(name, given)) return [];
    const fallback = flag.print(flag.default);
    const value = defaults?.get(name) ?? fallback;
    // For a flag without a default, kingpin's help shows the flag's name in capitals, or an empty value.
    return value === "" || value === name.toUpperCase() ? emptyDefault(name, original) : [[name, value] as const];
  });
}

/**
 * Reports whether a path flag applies to the mode of the server. Agent mode uses only the agent's data folder, server
 * mode only the TSDB folder.
 */
const isOfMode = (name: string, given: ReadonlySet<string>): boolean =>
  name === "storage.agent.path" ? given.has("agent") : name !== "storage.tsdb.path" || !given.has("agent");

/**
 * Returns an empty value for a data flag without a default, so that the new server, like the original program, stores
 * no data on disk.
 */
const emptyDefault = (name: string, { data }: Original): readonly (readonly [string, string])[] =>
  Object.hasOwn(data, name) ? [[name, ""]] : [];

const isNeeded = (name: string, { data }: Original): boolean => name === "config.file" || Object.hasOwn(data, name);
