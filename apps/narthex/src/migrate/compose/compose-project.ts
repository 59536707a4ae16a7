import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { formatProblem, isNull, type MapNode, parseYaml, type ScalarNode, type YamlNode } from "@narthex/config";
import { CommandError } from "../../command-line/command.ts";
import { interpolate, InterpolationError } from "./interpolation.ts";

/**
 * One definition of a service in a compose file. A service has several if it is in an override file or extends another
 * service.
 */
export interface ServiceLayer {
  readonly node: MapNode;
  readonly file: string;
  /** Folder from which relative paths of the definition are resolved. */
  readonly folder: string;
}

/** A compose service with all its definitions. Later definitions override earlier ones. */
export interface ComposeService {
  readonly name: string;
  readonly layers: readonly ServiceLayer[];
}

export interface ComposeFile {
  readonly path: string;
  readonly text: string;
  readonly root: MapNode;
  readonly mode: number;
}

/** A compose project: its files in order, and the environment for their variables. */
export class ComposeProject {
  readonly files: readonly ComposeFile[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Whether an environment variable of the shell sets the project's name. The migration scripts may run in a shell
   * without this variable.
   */
  readonly isNamedByShell: boolean;
  readonly #others = new Map<string, ComposeFile>();

  /** Reads and parses the files. Throws CommandError with file, line and hint. */
  constructor(paths: readonly string[], env: Readonly<Record<string, string | undefined>>) {
    this.folder = dirname(paths[0]!);
    this.files = paths.map(readFile);
    this.isNamedByShell = (env["COMPOSE_PROJECT_NAME"] ?? "") !== "";
    this.env = { ...variablesOf(join(this.folder, ".env")), ...env };
  }

  /** Returns all services. Throws CommandError if a service extends one that does not exist. */
  services(): readonly ComposeService[] {
    const layers = new Map<string, ServiceLayer[]>();
    for (const file of this.files) {
      for (const { key, value } of mapIn(file.root, "services")?.entries ?? []) {
        if (value.kind !== "map") continue;
        const known = layers.get(key.text) ?? [];
        layers.set(key.text, [...known, ...this.#layersOf({ node: value, file: file.path, folder: this.folder }, [])]);
      }
    }
    return [...layers].map(([name, own]) => ({ name, layers: own }));
  }

  #layersOf(layer: ServiceLayer, above: readonly MapNode[]): readonly ServiceLayer[] {
    const extension = valueIn(layer.node, "extends");
    if (extension === undefined || above.includes(layer.node)) return [layer];
    const isText = extension.kind === "scalar";
    const service = isText ? extension.text : (this.textIn(extension as MapNode, "service", layer.file) ?? "");
    const other = isText ? undefined : this.textIn(extension as MapNode, "file", layer.file);
    const path = other === undefined ? layer.file : resolve(layer.folder, other);
    const file = this.files.find((one) => one.path === path) ?? this.#other(path);
    const base = valueIn(mapIn(file.root, "services"), service);
    if (base?.kind !== "map")
      throw new CommandError(
        `${layer.file}:${extension.line}: ${path} has no service ${service} to extend; name one of its services`,
      );
    const folder = other === undefined ? layer.folder : dirname(path);
    return [...this.#layersOf({ node: base, file: path, folder }, [...above, layer.node]), layer];
  }

  #other(path: string): ComposeFile {
    const file = this.#others.get(path) ?? readFile(path);
    this.#others.set(path, file);
    return file;
  }

  /** Returns the text of a value with its variables replaced. Throws CommandError. */
  text(node: ScalarNode, file: string): string {
    try {
      return interpolate(node.text, this.env);
    } catch (error) {
      if (!(error instanceof InterpolationError)) throw error;
      throw new CommandError(`${file}:${node.line}: ${error.message}`, { cause: error });
    }
  }

  /**
   * Returns the text under a key, with variables replaced. Returns undefined if the key is missing. Throws
   * CommandError.
   */
  textIn(map: MapNode, key: string, file: string): string | undefined {
    const value = valueIn(map, key);
    return value?.kind === "scalar" ? this.text(value, file) : undefined;
  }

  /** Returns the texts of a list, with variables replaced; empty for a list of mappings. Throws CommandError. */
  texts(node: YamlNode, file: string): readonly string[] {
    return node.kind === "list"
      ? node.items.flatMap((item) => (item.kind === "scalar" ? [this.text(item, file)] : []))
      : [];
  }
}

/**
 * Returns the value under a key, or undefined if it is null or missing. A mapping's own key takes precedence over a key
 * that is merged in (`<<`).
 */
export function valueIn(map: MapNode | undefined, key: string): YamlNode | undefined {
  const found = map?.entries.filter((entry) => entry.key.text === key) ?? [];
  const value = (found.findLast(({ merged }) => !merged) ?? found.at(-1))?.value;
  return value === undefined || isNull(value) ? undefined : value;
}

/** Returns the mapping under a key. Returns undefined if the value is not a mapping. */
export function mapIn(map: MapNode | undefined, key: string): MapNode | undefined {
  const value = valueIn(map, key);
  return value?.kind === "map" ? value : undefined;
}

const NAMES = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/**
 * Returns the compose file of a folder and its override file, by the same rules as docker compose. Empty if the folder
 * has no compose file.
 */
export function composeFilesIn(folder: string): readonly string[] {
  const found = NAMES.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) return [];
  const overrides = NAMES.map((name) => join(folder, name.replace(/\.(ya?ml)$/, ".override.$1")));
  return [found, ...overrides.filter((path) => existsSync(path)).slice(0, 1)];
}

export function namedComposeFiles(names: readonly string[], cwd: string): readonly string[] {
  return names.flatMap((name) => {
    const path = resolve(cwd, name);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
    const found = composeFilesIn(path);
    if (found.length === 0)
      throw new CommandError(`--from-compose=${name}: the folder has none of ${NAMES.join(", ")}; name the file`);
    return found;
  });
}

function readFile(path: string): ComposeFile {
  let text: string;
  let mode: number;
  try {
    text = readFileSync(path, "utf8");
    mode = statSync(path).mode & 0o777;
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${(error as Error).message}; name a compose file`, {
      cause: error,
    });
  }
  const { root, problems } = parseYaml(text, path);
  if (problems.length > 0) throw new CommandError(problems.map(formatProblem).join("\n"));
  if (root?.kind !== "map" || mapIn(root, "services") === undefined)
    throw new CommandError(`${path}:${root?.line ?? 1}: it has no services; name a compose file`);
  return { path, text, root, mode };
}

const variablesOf = (path: string): Readonly<Record<string, string | undefined>> =>
  existsSync(path) ? parseEnv(readFileSync(path, "utf8")) : {};
