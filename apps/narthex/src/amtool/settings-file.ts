import { join } from "node:path";
import { anyMapping, decodeYaml, diskFiles, formatProblem, type Printable } from "@narthex/config";
import { FlagError, type FlagTable, type Host } from "@narthex/runtime";
import { type Call, CommandError } from "../command-line/command.ts";

/** Current flag names by the old names that settings files may contain. */
const FORMER_NAMES: Readonly<Record<string, string>> = { comment_required: "require-comment" };

/** Paths of settings files. A value in an earlier file takes precedence. */
const settingsFiles = (host: Host): string[] => [
  ...(host.env["HOME"] === undefined ? [] : [join(host.env["HOME"], ".config/amtool/config.yml")]),
  "/etc/amtool/config.yml",
];

/** Sets flags that were not given on the command line from the settings files. Throws CommandError. */
export async function applySettings(host: Host, call: Call<FlagTable>, table: FlagTable): Promise<Call<FlagTable>> {
  const values: Record<string, unknown> = { ...call.values };
  const given = new Set(call.given);
  for (const file of settingsFiles(host)) {
    for (const [key, text] of await readSettings(file)) {
      const name = FORMER_NAMES[key] ?? key;
      const flag = Object.hasOwn(table, name) ? table[name]! : undefined;
      if (flag === undefined || given.has(name)) continue;
      try {
        values[name] = flag.read(text, undefined);
        given.add(name);
      } catch (error) {
        if (!(error instanceof FlagError)) throw error;
        throw new CommandError(`could not load config file: ${file}: ${name}: ${error.message}`, { cause: error });
      }
    }
  }
  return { ...call, values, given };
}

async function readSettings(file: string): Promise<readonly (readonly [string, string])[]> {
  if (!(await diskFiles.exists(file))) return [];
  const text = await diskFiles.read(file).catch((error: unknown) => refuse((error as Error).message));
  const decoded = decodeYaml(text, file, anyMapping);
  if (!decoded.ok) return refuse(decoded.problems.map(formatProblem).join("\n"));
  const { value } = decoded;
  if (value === null || typeof value !== "object" || !("entries" in value)) return [];
  return value.entries.map(([key, setting]) => [key, plainText(setting)] as const);
}

const plainText = (value: Printable): string => (value === null || typeof value === "object" ? "" : String(value));

function refuse(reason: string): never {
  throw new CommandError(`could not load config file: ${reason}`);
}
