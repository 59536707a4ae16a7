import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import {
  provisionedSources,
  ProvisioningError,
  readSettings,
  SettingsError,
  splitArguments,
  unreadFiles,
} from "@narthex/dashboards-app";
import { dataSourceKind } from "@narthex/datasources";
import { createLogger } from "@narthex/runtime";
import type { NewFile } from "../../init/new-files.ts";
import { RoleArguments } from "../../service/role-arguments.ts";
import { rooted, type System } from "../../service/system.ts";
import { flagWords } from "../flag-words.ts";
import { blocks, differs, fact, type Note } from "../note.ts";
import type { DataPlan } from "../role-plan.ts";
import type { FoundOriginal } from "../source/found-original.ts";
import { DASHBOARDS, exportedFiles, PROVISIONING } from "./exported-files.ts";
import { type GrafanaContents, GrafanaDatabaseError, grafanaContents } from "./grafana-database.ts";

export interface GrafanaPlaces {
  /**
   * Path of Grafana's database below the system's root. Undefined if the path is unknown, or if the database is on
   * another machine.
   */
  readonly database: string | undefined;
  readonly provisioning: string | undefined;
}

export interface GrafanaMove {
  /** Files to write. Paths are relative to the migration plan's folder. */
  readonly files: readonly NewFile[];
  readonly data: readonly DataPlan[];
  readonly notes: readonly Note[];
}

/** The settings of a Grafana on this machine: the paths of its files, and notes about the settings. */
export interface GrafanaSettings {
  /** Path of Grafana's settings file; undefined if Grafana runs without a settings file. */
  readonly config: string | undefined;
  readonly places: GrafanaPlaces;
  readonly data: string;
  readonly notes: readonly Note[];
}

/** Reads Grafana's settings from file, environment and arguments, with the code of Narthex's dashboards server. */
export function grafanaSettings({ words, cwd, env, original }: FoundOriginal, system: System): GrafanaSettings {
  const { flags, overrides } = splitArguments(words);
  const given = new Map(flagWords(flags, original.table).map(({ name, value }) => [name, value]));
  const home = resolve(cwd, given.get("homepath") ?? ".");
  const config = [given.get("config"), join(home, "conf/custom.ini"), "/etc/grafana/grafana.ini"]
    .filter((path) => path !== undefined)
    .map((path) => resolve(cwd, path))
    .find((path) => existsSync(rooted(system, path)));
  const isOwnFolder = given.get("homepath") !== undefined;
  try {
    const {
      values,
      given: set,
      warnings,
    } = readSettings(
      { env, cwd },
      config === undefined ? rooted(system, "/nowhere") : rooted(system, config),
      overrides,
    );
    const data = resolve(
      home,
      set.has("paths.data") ? values["paths.data"] : isOwnFolder ? "data" : "/var/lib/grafana",
    );
    const provisioning = resolve(
      home,
      set.has("paths.provisioning")
        ? values["paths.provisioning"]
        : isOwnFolder
          ? "conf/provisioning"
          : "/etc/grafana/provisioning",
    );
    const type = values["database.url"] === "" ? values["database.type"] : values["database.url"].split(":")[0]!;
    const isFile = type === "sqlite3" || type === "sqlite";
    const file = values["database.path"];
    return {
      config,
      places: {
        database: isFile ? rooted(system, resolve(data, file === "" ? "grafana.db" : file)) : undefined,
        provisioning,
      },
      data,
      notes: [...warnings.map((warning) => differs(warning)), ...databaseNotes(type)],
    };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const notes = error.message.split("\n").map((line) => blocks(line));
    return { config, places: { database: undefined, provisioning: undefined }, data: "", notes };
  }
}

function databaseNotes(type: string): readonly Note[] {
  if (type === "mysql")
    return [
      blocks(
        "database.type: Grafana's state is in MySQL, which Narthex does not support; set cfg:database.type=sqlite3 in a copy of the unit, and export its dashboards from Grafana",
      ),
    ];
  if (type !== "postgres") return [];
  return [
    differs(
      "database.type: dashboards in PostgreSQL are not read; Narthex creates new tables in that database: export dashboards from Grafana",
    ),
  ];
}

/**
 * Converts Grafana's database and provisioning files to provisioning files for Narthex's dashboards server.
 * @param folder path of the dashboards' folder when our dashboards server reads them
 */
export function planGrafana(places: GrafanaPlaces, folder: string, system: System): GrafanaMove {
  const { notes, data, contents } = readDatabase(places.database);
  const copied = provisioningCopy(places.provisioning, system);
  const provided = providedSources(places.provisioning, system);
  const sources = contents.sources.filter(({ name }) => !provided.names.has(name));
  const files = [...copied, ...exportedFiles({ dashboards: contents.dashboards, sources }, folder)];
  const unread = places.provisioning === undefined ? [] : unreadFiles(rooted(system, places.provisioning));
  return {
    files: distinct(files),
    data,
    notes: [...notes, ...provided.notes, ...unread.map((text) => differs(text)), ...sourceNotes(sources)],
  };
}

const EMPTY: GrafanaContents = { dashboards: [], sources: [], restrictedFiles: [], broken: [], others: {} };

function readDatabase(path: string | undefined): Omit<GrafanaMove, "files"> & { readonly contents: GrafanaContents } {
  if (path === undefined) return { contents: EMPTY, data: [], notes: [] };
  if (!existsSync(path)) {
    const text = `${path} does not exist, or this user may not read it: dashboards and data sources that were made in the browser are not migrated; run this as root, or name a copy with --grafana-database`;
    return { contents: EMPTY, data: [], notes: [differs(text)] };
  }
  try {
    const contents = grafanaContents(path);
    const { dashboards, sources, broken, others } = contents;
    const rest = Object.entries(others).map(([name, count]) => `${count} ${name}`);
    return {
      contents,
      data: [
        {
          path,
          text: `${dashboards.length} dashboards and ${sources.length} data sources become provisioning files; the database stays unchanged`,
        },
      ],
      notes: [
        ...(rest.length === 0 ? [] : [differs(`${path}: not migrated: ${rest.join(", ")}`)]),
        ...restrictedNotes(path, contents),
        ...broken.map((one) => differs(`${path}: a dashboard cannot be read: ${one}`)),
        fact(
          "users need new accounts: the first is admin; if no password is set, the first start writes one into the file initial-admin-password of the data folder",
        ),
      ],
    };
  } catch (error) {
    if (!(error instanceof GrafanaDatabaseError)) throw error;
    return {
      contents: EMPTY,
      data: [],
      notes: [differs(`${error.message}; run this as root, or name a copy with --grafana-database`)],
    };
  }
}

/** Maximum number of titles that a note of the plan lists. */
const MAX_NAMED = 20;

function restrictedNotes(path: string, { dashboards, restrictedFiles }: GrafanaContents): readonly Note[] {
  const titles = dashboards.filter(({ isForAdmins }) => isForAdmins).map(({ title }) => title);
  const note = (all: readonly string[], text: string): readonly Note[] => {
    const more = all.length > MAX_NAMED ? ` and ${all.length - MAX_NAMED} more` : "";
    const named = `${all.slice(0, MAX_NAMED).join(", ")}${more}`;
    return all.length === 0 ? [] : [differs(`${path}: permissions are not migrated: ${text}: ${named}`)];
  };
  return [
    ...note(titles, "restricted dashboards become visible for admins only"),
    ...note(
      restrictedFiles,
      "dashboards from files are visible for all users; add adminsOnly: true to the provider of",
    ),
  ];
}

/** Returns the names of data sources that provisioning files already define. */
function providedSources(
  folder: string | undefined,
  system: System,
): { readonly names: ReadonlySet<string>; readonly notes: readonly Note[] } {
  if (folder === undefined) return { names: new Set(), notes: [] };
  const { host } = system;
  const logger = createLogger({ level: "error", format: "logfmt", clock: host.clock, write: () => undefined });
  try {
    const sources = provisionedSources(rooted(system, folder), host, logger);
    return { names: new Set(sources.map(({ settings }) => settings.name)), notes: [] };
  } catch (error) {
    if (!(error instanceof ProvisioningError)) throw error;
    return { names: new Set(), notes: error.message.split("\n").map((line) => blocks(line)) };
  }
}

function sourceNotes(sources: GrafanaContents["sources"]): readonly Note[] {
  return sources.flatMap(({ name, type, secrets }): Note[] => [
    ...(dataSourceKind(type) === undefined
      ? [differs(`data source ${name}: the type ${type} is not supported; its panels show an error`)]
      : []),
    ...(secrets.length > 0
      ? [
          differs(
            `data source ${name}: ${secrets.join(", ")} is encrypted in the database; write it into ${PROVISIONING}/datasources/migrated.yml`,
          ),
        ]
      : []),
  ]);
}

/** Kinds of provisioning files that Narthex's dashboards server reads. */
const KINDS = ["dashboards", "datasources"];
const OTHERS_MAY_READ = 0o004;

/** Returns the provisioning files in a folder that Narthex's dashboards server would read. */
export const provisioningFiles = (folder: string): readonly string[] =>
  KINDS.flatMap((kind) => {
    const parent = join(folder, kind);
    if (!existsSync(parent)) return [];
    return readdirSync(parent)
      .filter((name) => /\.ya?ml$/.test(name))
      .map((name) => join(parent, name));
  });

function provisioningCopy(folder: string | undefined, system: System): readonly NewFile[] {
  if (folder === undefined) return [];
  const root = rooted(system, folder);
  return provisioningFiles(root).map((path) => {
    const isSecret = (statSync(path).mode & OTHERS_MAY_READ) === 0;
    return { path: join(PROVISIONING, relative(root, path)), text: readFileSync(path, "utf8"), isSecret };
  });
}

/**
 * Keeps only the last of the files with the same path. The last one is from the database; an earlier one remains from a
 * previous migration.
 */
const distinct = (files: readonly NewFile[]): readonly NewFile[] => [
  ...new Map(files.map((file) => [file.path, file])).values(),
];

export const movedFolders = (files: readonly NewFile[]): readonly string[] =>
  [PROVISIONING, DASHBOARDS].filter((folder) => files.some(({ path }) => path.startsWith(`${folder}/`)));

/**
 * Returns the arguments for our dashboards server: without the folders of Grafana's installation, and with the absolute
 * path of the settings file.
 */
export function grafanaArguments(
  args: RoleArguments,
  config: string | undefined,
  extra: readonly string[],
): RoleArguments {
  const kept = args.words.filter(
    (word) => !/^cfg:default\.paths\.|^cfg:paths\.(?:data|provisioning)=|^--?config(?:=|$)/.test(word),
  );
  return new RoleArguments([...(config === undefined ? [] : [`--config=${config}`]), ...kept, ...extra]);
}
