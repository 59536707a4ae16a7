import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { formatProblem, isNull, type MapNode, parseYaml, type ScalarNode, type YamlNode } from "@narthex/config";
import { ExpansionError, expandProvisioned, type ExpansionSources } from "../settings/expansion.ts";

/** Thrown for invalid provisioning files. The message has a line for each problem, with file and line number. */
export class ProvisioningError extends Error {
  override readonly name = "ProvisioningError";
}

/** A mapping in a provisioning file. Methods read values by their keys, and collect problems of invalid values. */
export class ProvisionedMap {
  readonly node: MapNode;
  readonly #file: ProvisioningFile;
  readonly #values = new Map<string, YamlNode>();

  constructor(node: MapNode, file: ProvisioningFile) {
    this.node = node;
    this.#file = file;
    for (const { key, value } of node.entries) this.#values.set(file.keyOf(key.text), value);
  }

  /** File and line at which the mapping starts, in the form `FILE:LINE`. */
  get place(): string {
    return `${this.#file.path}:${this.node.line}`;
  }

  /**
   * Records an error at the position of a key's value. If the key is missing, records the error at the start of the
   * mapping.
   */
  refuse(key: string, message: string, hint: string): void {
    this.#file.refuse(this.#values.get(key) ?? this.node, message, hint);
  }

  has(key: string): boolean {
    const value = this.#values.get(key);
    return value !== undefined && !isNull(value);
  }

  /** Reports whether the file contains the key, even without a value. */
  mentions(key: string): boolean {
    return this.#values.has(key);
  }

  #scalar(key: string): ScalarNode | undefined {
    const value = this.#values.get(key);
    if (value === undefined || isNull(value)) return undefined;
    if (value.kind === "scalar") return value;
    this.refuse(key, `${key} is a ${value.kind}, but must be a value`, "write the value after the colon");
    return undefined;
  }

  /**
   * Returns the text under a key, or an empty text if the key is missing. References to environment variables and files
   * in the text are replaced.
   */
  text(key: string): string {
    const scalar = this.#scalar(key);
    return scalar === undefined ? "" : this.#file.expand(scalar);
  }

  flag(key: string, fallback = false): boolean {
    const text = this.text(key);
    if (text === "") return fallback;
    if (/^(?:true|1|t|yes|on)$/i.test(text)) return true;
    if (/^(?:false|0|f|no|off)$/i.test(text)) return false;
    this.refuse(key, `${key}: ${JSON.stringify(text)} is neither true nor false`, "write true or false");
    return fallback;
  }

  integer(key: string): number | undefined {
    const text = this.text(key);
    if (text === "") return undefined;
    if (/^-?\d{1,15}$/.test(text)) return Number(text);
    this.refuse(key, `${key}: ${JSON.stringify(text)} is not a whole number`, "write only digits");
    return undefined;
  }

  map(key: string): ProvisionedMap | undefined {
    const value = this.#values.get(key);
    if (value === undefined || isNull(value)) return undefined;
    if (value.kind === "map") return new ProvisionedMap(value, this.#file);
    this.refuse(key, `${key} is not a mapping`, "indent its keys below it");
    return undefined;
  }

  /** Returns the list of texts under a key, or an empty list if the key is missing. */
  list(key: string): readonly string[] {
    const value = this.#values.get(key);
    if (value === undefined || isNull(value)) return [];
    if (value.kind === "list" && value.items.every(({ kind }) => kind === "scalar"))
      return value.items.flatMap((item) => (item.kind === "scalar" ? [this.#file.expand(item)] : []));
    this.refuse(key, `${key} is not a list of texts`, "start each entry with a dash");
    return [];
  }

  maps(key: string): readonly ProvisionedMap[] {
    const value = this.#values.get(key);
    if (value === undefined || isNull(value)) return [];
    return this.#file.mapsOf(value, key);
  }

  /** Returns the mapping under a key as JSON. The mapping may have any keys. References in its texts are replaced. */
  json(key: string): Record<string, unknown> {
    const value = this.#values.get(key);
    if (value === undefined || isNull(value)) return {};
    if (value.kind !== "map") {
      this.refuse(key, `${key} is not a mapping`, "indent its keys below it");
      return {};
    }
    return this.#file.jsonOf(value) as Record<string, unknown>;
  }

  /** Returns the mapping under a key as an object with text values. */
  texts(key: string): Record<string, string> {
    const value = this.#values.get(key);
    if (value?.kind !== "map") return this.json(key) as Record<string, string>;
    const pairs = value.entries.flatMap(({ key: name, value: text }): [string, string][] =>
      text.kind === "scalar" ? [[name.text, isNull(text) ? "" : this.#file.expand(text)]] : [],
    );
    return Object.fromEntries(pairs);
  }
}

export class ProvisioningFile {
  readonly path: string;
  readonly problems: string[] = [];
  readonly root: YamlNode | undefined;
  /** Whether the file has no `apiVersion`. Such files use the old format, in which keys contain underscores. */
  readonly isOld: boolean;
  readonly #sources: ExpansionSources;

  constructor(path: string, text: string, sources: ExpansionSources) {
    this.path = path;
    this.#sources = sources;
    const { root, problems } = parseYaml(text, path);
    for (const problem of problems) this.problems.push(formatProblem(problem));
    this.root = root;
    this.isOld =
      root !== undefined && !(root.kind === "map" && root.entries.some(({ key }) => key.text === "apiVersion"));
  }

  /** Returns a key in the notation of version 1: `org_id` becomes `orgId`. */
  keyOf(key: string): string {
    return this.isOld ? key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : key;
  }

  refuse({ line, column }: { readonly line: number; readonly column: number }, message: string, hint: string): void {
    this.problems.push(formatProblem({ file: this.path, line, column, code: "provisioning", message, hint }));
  }

  expand(scalar: ScalarNode): string {
    try {
      return expandProvisioned(scalar.text, this.#sources);
    } catch (error) {
      if (!(error instanceof ExpansionError)) throw error;
      this.refuse(scalar, error.message, "name a file that this user may read");
      return "";
    }
  }

  /** Returns the content of the file. Returns undefined for an empty file, and records an error for any other content. */
  rootMap(hint: string): ProvisionedMap | undefined {
    if (this.root === undefined) return undefined;
    if (this.root.kind === "map") return new ProvisionedMap(this.root, this);
    this.refuse(this.root, "the file is not a mapping", hint);
    return undefined;
  }

  mapsOf(node: YamlNode, name: string): readonly ProvisionedMap[] {
    if (node.kind !== "list") {
      this.refuse(node, `${name} is not a list`, "start each entry with a dash");
      return [];
    }
    return node.items.flatMap((item) => {
      if (item.kind === "map") return [new ProvisionedMap(item, this)];
      if (!isNull(item)) this.refuse(item, `an entry of ${name} is not a mapping`, "write key: value below the dash");
      return [];
    });
  }

  jsonOf(node: YamlNode): unknown {
    if (node.kind === "list") return node.items.map((item) => this.jsonOf(item));
    if (node.kind === "map")
      return Object.fromEntries(node.entries.map(({ key, value }) => [key.text, this.jsonOf(value)]));
    switch (node.tag) {
      case "!!null":
        return null;
      case "!!bool":
        return /^(?:y|yes|true|on)$/i.test(node.text);
      case "!!int":
      case "!!float": {
        const number = Number(node.text.replaceAll("_", ""));
        return Number.isFinite(number) ? number : node.text;
      }
      default:
        return this.expand(node);
    }
  }
}

/**
 * Returns the files in a folder of `paths.provisioning`, sorted by name. Empty if the folder is missing. Throws
 * ProvisioningError.
 */
export function provisioningFiles(root: string, kind: string, sources: ExpansionSources): readonly ProvisioningFile[] {
  const folder = join(root, kind);
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw new ProvisioningError(`${folder}: ${(error as Error).message}`, { cause: error });
  }
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .map((name) => {
      const path = join(folder, name);
      try {
        return new ProvisioningFile(path, readFileSync(path, "utf8"), sources);
      } catch (cause) {
        throw new ProvisioningError(`${path}: ${(cause as Error).message}`, { cause });
      }
    });
}

export function checkFiles(files: readonly ProvisioningFile[]): void {
  const problems = files.flatMap((file) => file.problems);
  if (problems.length > 0) throw new ProvisioningError(problems.join("\n"));
}
