import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { CommandError } from "../../command-line/command.ts";
import { quotedWords } from "../../service/quoted-words.ts";
import { rooted, type System } from "../../service/system.ts";
import { type SettingLine, settingLines } from "../../service/unit-file.ts";
import { differs, type Note } from "../note.ts";
import { originalOfProgram } from "../originals.ts";
import { readEnvironmentFile } from "./environment-file.ts";
import { allOf, type CarriedSetting, type Findings, type FoundOriginal, NOTHING_FOUND } from "./found-original.ts";
import { runningUnits } from "./processes.ts";
import { type UnitCommand, unitCommand } from "./unit-command.ts";
import { hasEntry } from "./users.ts";

/** Folders of systemd units. If several contain a unit, the first takes precedence. */
const FOLDERS = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

interface PlacedSetting extends SettingLine {
  readonly file: string;
}

/** Finds replaceable programs that the systemd units of this machine start. */
export function findUnits(system: System): Findings {
  const names = new Map<string, string>();
  for (const folder of FOLDERS) {
    for (const name of namesIn(rooted(system, folder))) {
      // Template units are skipped in this search. Their running instances are found below.
      if (name.endsWith(".service") && !name.endsWith("@.service") && !names.has(name))
        names.set(name, `${folder}/${name}`);
    }
  }
  for (const unit of runningUnits(system).keys()) {
    const template = unit.replace(/@.*\.service$/, "@.service");
    const folder = FOLDERS.find((one) => existsSync(rooted(system, `${one}/${template}`)));
    if (unit.includes("@") && folder !== undefined) names.set(unit, `${folder}/${template}`);
  }
  return allOf([...names].map(([name, path]) => readFound(name, path, system)));
}

/**
 * Reads a unit that the search has found. If the unit cannot be read, returns a reason or nothing instead of throwing
 * an error, so that the search continues.
 */
function readFound(name: string, path: string, system: System): Findings {
  try {
    const text = readFileSync(rooted(system, path), "utf8");
    const isCandidate = settingLines(text).some(
      (line) => line.name === "ExecStart" && quotedWords(line.value, "unit").some((word) => mentions(word)),
    );
    return isCandidate ? readUnit({ name, path }, system) : NOTHING_FOUND;
  } catch (error) {
    if (error instanceof CommandError) return { originals: [], leftOut: [error.message] };
    // The file is a broken link, or this user may not read it.
    return NOTHING_FOUND;
  }
}

const mentions = (word: string): boolean =>
  word.split(/\s+/).some((part) => originalOfProgram(part.replace(/^[@:+!|-]+/, "")) !== undefined);

/**
 * Reads the program that the given systemd unit starts. Throws CommandError if the unit cannot be read or does not
 * start a replaceable program.
 */
export function namedUnit(given: string, system: System): Findings {
  const isName = !given.includes("/") && !existsSync(resolve(system.host.cwd, given));
  const name = isName && !given.endsWith(".service") ? `${given}.service` : given;
  const template = name.replace(/@.*\.service$/, "@.service");
  const found = isName
    ? [name, template]
        .flatMap((file) => FOLDERS.map((folder) => `${folder}/${file}`))
        .find((path) => existsSync(rooted(system, path)))
    : undefined;
  if (isName && found === undefined)
    throw new CommandError(`--from-unit=${given}: there is no such unit in ${FOLDERS.join(", ")}; name its file`);
  const path = found ?? resolve(system.host.cwd, given);
  const own = found === undefined ? { ...system, root: "/" } : system;
  const findings = readUnit({ name: isName ? name : basename(path), path }, system, own);
  if (findings.originals.length === 0)
    throw new CommandError(
      `${path}: its ExecStart= starts no supported program; name the unit of Prometheus, Alertmanager, Pushgateway, node_exporter, Grafana or cAdvisor`,
    );
  return findings;
}

interface UnitName {
  readonly name: string;
  readonly path: string;
}

/**
 * Reads the program that a unit and its drop-in files start.
 * @param files access to the unit file; a file that the user names is read from this machine, not below the system's
 * root
 */
function readUnit({ name, path }: UnitName, system: System, files: System = system): Findings {
  const dropIns = dropInsOf(name, path, files);
  const lines: PlacedSetting[] = [path, ...dropIns].flatMap((file) =>
    settingLines(textOf(rooted(files, file))).map((line) => ({ ...line, file })),
  );
  const service = lines.filter(({ section }) => section === "Service");
  const environment = environmentOf(service, system);
  const { env } = environment;
  const start = valuesOf(service, "ExecStart").at(-1);
  if (start === undefined)
    throw new CommandError(`${path}: it has no ExecStart= in [Service]; name the unit file of a service`);
  const place = `${start.file}:${start.line}`;
  const command = unitCommand(start.value, { env, unit: name, place });
  const original = originalOfProgram(command.program);
  if (original === undefined) return NOTHING_FOUND;
  const found: FoundOriginal = {
    original,
    origin: { kind: "unit", name, path, pid: runningUnits(system).get(name), dropIns },
    program: command.program,
    words: isDynamic(service) ? command.words.map((word) => withoutPrivate(word, system)) : command.words,
    hasClosedValues: [...command.used].some((variable) => environment.fromFiles.has(variable)),
    cwd: lastValue(service, "WorkingDirectory")?.replace(/^-/, "") || "/",
    env: Object.fromEntries(Object.entries(env).filter(([variable]) => isForProgram(variable, command))),
    user: userOf(service, system),
    settings: carriedSettings(lines, system),
    notes: settingNotes(service),
  };
  return { originals: [found], leftOut: [] };
}

/**
 * Reports whether the program itself may need an environment variable, because the command line does not use the
 * variable.
 */
const isForProgram = (variable: string, { used }: UnitCommand): boolean => !used.has(variable);

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/**
 * Returns the files `NAME.service.d/*.conf` in the order of their names. If several folders contain a file with the
 * same name, the file in the first folder is used.
 */
function dropInsOf(name: string, path: string, system: System): readonly string[] {
  const folders = new Set([...FOLDERS, dirname(path)].map((folder) => `${folder}/${name}.d`));
  const found = new Map<string, string>();
  for (const folder of folders) {
    for (const file of namesIn(rooted(system, folder)))
      if (file.endsWith(".conf") && !found.has(file)) found.set(file, join(folder, file));
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
}

function textOf(path: string): string {
  try {
    return readFileSync(realpathSync(path), "utf8");
  } catch (error) {
    throw new CommandError(
      `${path} cannot be read: ${(error as Error).message}; name a unit file that this user may read`,
      {
        cause: error,
      },
    );
  }
}

/** Returns the values of a setting that may occur several times. An empty value removes the earlier ones. */
function valuesOf(lines: readonly PlacedSetting[], name: string): readonly PlacedSetting[] {
  const own = lines.filter((line) => line.name === name);
  return own.slice(own.findLastIndex(({ value }) => value === "") + 1);
}

const lastValue = (lines: readonly PlacedSetting[], name: string): string | undefined =>
  lines.findLast((line) => line.name === name)?.value;

/**
 * Returns the variables of Environment= and EnvironmentFile=. The variables of EnvironmentFile= take precedence. Throws
 * CommandError for a missing file.
 */
function environmentOf(
  lines: readonly PlacedSetting[],
  system: System,
): { readonly env: Readonly<Record<string, string>>; readonly fromFiles: ReadonlySet<string> } {
  const env: Record<string, string> = {};
  const fromFiles = new Set<string>();
  for (const { value } of valuesOf(lines, "Environment")) {
    for (const word of quotedWords(value, "unit")) {
      const [name, text] = word.split(/=(.*)/s, 2) as [string, string | undefined];
      if (text !== undefined) env[name] = text.replaceAll("%%", "%");
    }
  }
  for (const { value, file, line } of valuesOf(lines, "EnvironmentFile")) {
    const path = value.replace(/^-/, "");
    const isOptional = value.startsWith("-");
    try {
      for (const { name, value: text } of readEnvironmentFile(readFileSync(rooted(system, path), "utf8"))) {
        env[name] = text;
        fromFiles.add(name);
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (isOptional && code === "ENOENT") continue;
      if (code === "EACCES") {
        throw new CommandError(`${file}:${line}: this user may not read EnvironmentFile=${path}; run this as root`, {
          cause: error,
        });
      }
      throw new CommandError(
        `${file}:${line}: EnvironmentFile=${path} cannot be read: ${(error as Error).message}; create it, or write a dash before the path if the file is optional`,
        { cause: error },
      );
    }
  }
  return { env, fromFiles };
}

/** Reports whether systemd creates a user for the unit at each start. */
const isDynamic = (lines: readonly PlacedSetting[]): boolean =>
  /^(?:yes|true|on|1)$/i.test(lastValue(lines, "DynamicUser") ?? "");

function userOf(lines: readonly PlacedSetting[], system: System): string | undefined {
  const user = lastValue(lines, "User") ?? "";
  if (!isDynamic(lines)) return user || "root";
  // For a unit with DynamicUser=, systemd uses the permanent user of this name, if it exists.
  return hasEntry("/etc/passwd", user, system) ? user : undefined;
}

/**
 * Replaces /var/lib/private/NAME in an argument by /var/lib/NAME. /var/lib/NAME is a link to /var/lib/private/NAME
 * while the unit has a dynamic user, and a real folder after a unit with a permanent user has started.
 */
const withoutPrivate = (word: string, system: System): string =>
  word.replace(/\/var\/lib\/private\/([^/]+)/, (path, name: string) =>
    existsSync(rooted(system, `/var/lib/${name}`)) ? `/var/lib/${name}` : path,
  );

/**
 * Settings of the original unit that the new unit also gets, by section. A value with a specifier is not copied,
 * because it would expand differently. A group that existed only while the original program ran is not copied either: a
 * service does not start if its group is missing.
 */
const CARRIED = {
  Unit: ["RequiresMountsFor", "Requires", "BindsTo", "After"],
  Service: ["Group", "SupplementaryGroups", "UMask", "TimeoutStopSec"],
} as const;

function carriedSettings(lines: readonly PlacedSetting[], system: System): readonly CarriedSetting[] {
  const isGone = (name: string, value: string): boolean =>
    name === "Group" && isDynamic(lines) && !hasEntry("/etc/group", value, system);
  return (["Unit", "Service"] as const).flatMap((section) => {
    const own = lines.filter((line) => line.section === section);
    return CARRIED[section].flatMap((name) =>
      valuesOf(own, name).flatMap(({ value }) =>
        value.includes("%") || isGone(name, value) ? [] : [{ section, name, value }],
      ),
    );
  });
}

/** Value of LimitNOFILE in the units that Narthex creates. */
const OWN_FILES = 65_536;

/**
 * Notes about settings of the original unit that affect the program or its permissions, and that the new unit does not
 * have.
 */
const TELLING: Readonly<Record<string, string>> = {
  DynamicUser:
    "the unit had a new user at each start; our service has a permanent user. systemd moves data from /var/lib/private to /var/lib and gives it to this user; if the original starts again, systemd moves it back",
  RootDirectory: "the program had another root folder; the paths in its flags are read as paths of this machine",
  MemoryMax: "its memory was limited; set a limit for our service with systemctl edit",
  MemoryLimit: "its memory was limited; set a limit for our service with systemctl edit",
  CPUQuota: "its processor time was limited; set a limit for our service with systemctl edit",
  ExecStartPre: "a command ran before it; if it is still needed, add it with systemctl edit",
  ExecStartPost: "a command ran after it; if it is still needed, add it with systemctl edit",
};

function settingNotes(lines: readonly PlacedSetting[]): readonly Note[] {
  const files = lines.findLast(({ name }) => name === "LimitNOFILE");
  const isMore = files !== undefined && (files.value === "infinity" || Number(files.value) > OWN_FILES);
  const limit = isMore
    ? [
        differs(
          `${files.file}:${files.line}: LimitNOFILE=${files.value}: our service may have ${OWN_FILES} open files; raise this limit with systemctl edit`,
        ),
      ]
    : [];
  const others = Object.entries(TELLING).flatMap(([name, text]) => {
    const line = lines.findLast((one) => one.name === name);
    if (line === undefined || line.value === "" || /^(?:no|false|off|0)$/i.test(line.value)) return [];
    return [differs(`${line.file}:${line.line}: ${name}=${line.value}: ${text}`)];
  });
  return [...limit, ...others];
}
