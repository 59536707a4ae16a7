import { formatProblem } from "@narthex/config";
import { type ExpansionError, expandSetting, type ExpansionSources } from "./expansion.ts";
import { type IniEntry, readIni } from "./ini-file.ts";
import { SettingError } from "./setting-kinds.ts";
import { type SettingKey, SETTINGS, type Settings, splitKey, variableOf } from "./setting-table.ts";
import { unusedKey, unusedVariable } from "./unused-settings.ts";

export interface SettingSources extends ExpansionSources {
  /** Path and text of grafana.ini. Undefined if the file does not exist. */
  readonly ini: { readonly file: string; readonly text: string } | undefined;
  /** Arguments in the form `section.key=value`, without `cfg:`. */
  readonly overrides: readonly string[];
}

export interface LoadedSettings {
  readonly values: Settings;
  /** Keys that the user has set. All other keys have their default value. */
  readonly given: ReadonlySet<SettingKey>;
  /** A warning for each setting that has no effect. */
  readonly warnings: readonly string[];
}

/** Thrown for invalid settings. The message has a line for each problem. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** A value before its references are replaced, and its place: a file, variable or argument. */
interface Written {
  readonly text: string;
  readonly place: string;
  readonly isRaw?: boolean;
}

/**
 * Loads the settings. Later sources take precedence: defaults, `cfg:default.…`, the file, environment variables,
 * `cfg:…`. Throws SettingsError.
 */
export function loadSettings(sources: SettingSources): LoadedSettings {
  const problems: string[] = [];
  const warnings: string[] = [];
  const written = new Map<string, Written>();
  const argument = (entry: string): void => {
    const equals = entry.indexOf("=");
    if (equals < 1) problems.push(`cfg:${entry}: write cfg:section.key=value`);
    else {
      const key = entry.slice(0, equals).toLowerCase();
      // Stores the setting's place for messages as its key without the value, because the value may be a password.
      written.set(key, { text: entry.slice(equals + 1), place: `cfg:${key}` });
    }
  };
  const isDefault = (entry: string): boolean => entry.startsWith("default.");
  for (const entry of sources.overrides.filter(isDefault)) argument(entry.slice("default.".length));
  const constants = takeFile(sources, written, problems);
  takeVariables(sources, written, { problems, warnings });
  for (const entry of sources.overrides.filter((one) => !isDefault(one))) argument(entry);
  const given = new Set<SettingKey>();
  for (const [key, { text, place }] of written) {
    if (isKey(key)) given.add(key);
    else if (!key.startsWith("default.")) for (const item of present(unusedKey(key, text, place))) warnings.push(item);
  }
  const values = readValues(new Resolver(written, constants, sources), problems);
  if (problems.length > 0) throw new SettingsError(problems.join("\n"));
  return { values, given, warnings };
}

const present = (text: string | undefined): readonly string[] => (text === undefined ? [] : [text]);

const isKey = (key: string): key is SettingKey => Object.hasOwn(SETTINGS, key);

/** Reads the settings in the ini file. Returns the values outside of sections, to which other values may refer. */
function takeFile({ ini }: SettingSources, written: Map<string, Written>, problems: string[]): Map<string, string> {
  const constants = new Map<string, string>();
  if (ini === undefined) return constants;
  const { entries, problems: found } = readIni(ini.text, ini.file);
  for (const problem of found) problems.push(formatProblem(problem));
  for (const { section, key, value, line, isRaw } of entries satisfies readonly IniEntry[]) {
    if (section === "DEFAULT") constants.set(key, value);
    written.set(`${section}.${key}`.toLowerCase(), { text: value, place: `${ini.file}:${line}`, isRaw });
  }
  return constants;
}

interface Notes {
  readonly problems: string[];
  readonly warnings: string[];
}

/**
 * Reads the settings from environment variables `GF_<SECTION>_<KEY>`, and from the files whose paths are in
 * `GF_…__FILE`. Only keys of the setting table or of the ini file are read. Most other variables cause warnings.
 */
function takeVariables(sources: SettingSources, written: Map<string, Written>, { problems, warnings }: Notes): void {
  const known = new Map([...Object.keys(SETTINGS), ...written.keys()].map((key) => [variableOf(key), key]));
  for (const [name, value] of Object.entries(sources.env)) {
    // Ignores empty variables: Docker Compose passes variables that are not set as empty texts.
    if (!name.startsWith("GF_") || value === undefined || value === "") continue;
    const isFile = name.endsWith("__FILE");
    const variable = isFile ? name.slice(0, -"__FILE".length) : name;
    const key = known.get(variable);
    if (key === undefined) {
      for (const item of present(unusedVariable(name, value))) warnings.push(item);
      continue;
    }
    if (!isFile) {
      if (value !== "") written.set(key, { text: value, place: name });
      continue;
    }
    if (sources.env[variable] !== undefined && sources.env[variable] !== "") {
      problems.push(`both ${variable} and ${name} are set (but are exclusive): leave one of them out`);
      continue;
    }
    try {
      written.set(key, { text: sources.readFile(value).replace(/\r?\n$/, ""), place: name, isRaw: true });
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Maximum depth of references between values, such as `root_url` to `domain` to a constant. */
const MAX_DEPTH = 8;
/** Maximum length of a value in characters, because a value could double with each reference. */
const MAX_LENGTH = 65_536;

class Resolver {
  readonly #written: ReadonlyMap<string, Written>;
  readonly #constants: ReadonlyMap<string, string>;
  readonly #sources: ExpansionSources;

  constructor(
    written: ReadonlyMap<string, Written>,
    constants: ReadonlyMap<string, string>,
    sources: ExpansionSources,
  ) {
    this.#written = written;
    this.#constants = constants;
    this.#sources = sources;
  }

  /** Returns the file, variable or argument that sets a key. Returns undefined if the key has its default value. */
  placeOf(key: string): string | undefined {
    return this.#written.get(key)?.place;
  }

  /**
   * Returns the value of a key with its references replaced; undefined if the key is not set. Throws ExpansionError.
   */
  textOf(key: SettingKey): string | undefined {
    const written = this.#written.get(key);
    if (written?.isRaw === true) return written.text;
    const fallback: unknown = SETTINGS[key].default;
    const text = written?.text ?? (typeof fallback === "string" ? fallback : undefined);
    return text === undefined ? undefined : this.#fill(text, splitKey(key)[0], 0);
  }

  #fill(text: string, section: string, depth: number): string {
    const filled = text.replace(/%\(([\w.-]{1,100})\)s/g, (_whole: string, name: string) => {
      if (depth >= MAX_DEPTH) return "";
      const key = `${section}.${name}`.toLowerCase();
      const fallback = isKey(key) ? String(SETTINGS[key].default) : undefined;
      const found = this.#written.get(key)?.text ?? fallback ?? this.#constants.get(name);
      return found === undefined ? "" : this.#fill(found, section, depth + 1);
    });
    return expandSetting(filled.slice(0, MAX_LENGTH), this.#sources).slice(0, MAX_LENGTH);
  }
}

function readValues(resolver: Resolver, problems: string[]): Settings {
  const values: Record<string, unknown> = {};
  for (const key of Object.keys(SETTINGS) as SettingKey[]) {
    const setting = SETTINGS[key];
    try {
      const text = resolver.textOf(key);
      values[key] = text === undefined ? setting.default : setting.read(text);
    } catch (error) {
      if (!(error instanceof SettingError) && (error as ExpansionError).name !== "ExpansionError") throw error;
      problems.push(`${resolver.placeOf(key) ?? "default"}: ${key}: ${(error as Error).message}`);
    }
  }
  return values as unknown as Settings;
}
