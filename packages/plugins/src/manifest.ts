import type { PluginInput } from "@narthex/dashboards";
import { readHosts } from "./hosts.ts";
import { booleanAt, listAt, textAt } from "./manifest-values.ts";
import { readInputs } from "./plugin-inputs.ts";
import { PluginError } from "./plugin-error.ts";

/** Version of the contract between plugins and this program. A change that breaks plugins raises the number. */
export const PLUGIN_CONTRACT = 1;

/** Name of the file that describes a plugin, in the plugin's folder. */
export const MANIFEST_FILE = "plugin.json";

/** The description of a plugin, from its `plugin.json`. */
export interface PluginManifest {
  /** Name of the plugin's folder, and the type of its panels or data sources. */
  readonly id: string;
  readonly kind: "panel" | "source";
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly contract: number;
  /** File of the module, in the plugin's folder. */
  readonly entry: string;
  /** Hosts that a source may reach: `host:port`, or the host of the URL in the source's settings. */
  readonly hosts: readonly string[];
  /** Inputs of the form for a source's settings, in addition to the address and the sign-in. */
  readonly settings: readonly PluginInput[];
  /** Inputs of the form for a query. Without inputs, a query is a text. */
  readonly queryInputs: readonly PluginInput[];
  /** Inputs of the form for a panel's options. */
  readonly options: readonly PluginInput[];
  /** Whether a source's module exports `variableValues` or `annotations`. */
  readonly hasVariables: boolean;
  readonly hasAnnotations: boolean;
}

const MAX_MANIFEST_CHARACTERS = 64 * 1024;
const MAX_NAME = 100;
const MAX_DESCRIPTION = 500;

/**
 * Reads the text of a `plugin.json`. Throws PluginError with a sentence that begins with the place.
 * @param place name of the file in messages
 */
export function readManifest(text: string, place: string): PluginManifest {
  if (text.length > MAX_MANIFEST_CHARACTERS)
    throw new PluginError(`${place}: the file has more than ${MAX_MANIFEST_CHARACTERS} characters; make it shorter`);
  const json = parsed(text, place);
  const fail = (problem: string): never => {
    throw new PluginError(`${place}: ${problem}`);
  };
  if (!Object.hasOwn(json, "contract")) {
    if (Object.hasOwn(json, "type"))
      fail("this is a plugin for Grafana, which Narthex does not run; docs/plugins.md explains how to write one");
    fail(`"contract" is missing; write "contract": ${PLUGIN_CONTRACT}`);
  }
  const { contract } = json;
  if (contract !== PLUGIN_CONTRACT)
    fail(
      `the plugin is written for contract ${JSON.stringify(contract)}, and this program understands contract ` +
        `${PLUGIN_CONTRACT}; install a version of the plugin for contract ${PLUGIN_CONTRACT}`,
    );
  const { kind } = json;
  if (kind !== "panel" && kind !== "source") return fail('"kind" must be "panel" or "source"');
  const id = textAt(json, "id", fail);
  const idFault = idProblem(id);
  if (idFault !== undefined) fail(idFault);
  const version = textAt(json, "version", fail);
  if (!VERSION.test(version)) fail(`"version" must have the form 1.2.3, and is "${version}"`);
  const entry = textAt(json, "entry", fail);
  if (!isFileName(entry) || !/\.m?[jt]s$/.test(entry) || entry.endsWith(".d.ts"))
    fail('"entry" must be the name of a .js, .mjs, .ts or .mts file of the folder');
  const name = textAt(json, "name", fail);
  if (name.length > MAX_NAME) fail(`"name" must have at most ${MAX_NAME} characters`);
  const description = textAt(json, "description", fail, "");
  if (description.length > MAX_DESCRIPTION) fail(`"description" must have at most ${MAX_DESCRIPTION} characters`);
  return {
    id,
    kind,
    name,
    description,
    version,
    contract: PLUGIN_CONTRACT,
    entry,
    hosts: kind === "source" ? readHosts(listAt(json, "hosts", fail), fail) : [],
    settings: readInputs(json, "settings", fail),
    queryInputs: readInputs(json, "queryInputs", fail),
    options: readInputs(json, "options", fail),
    hasVariables: booleanAt(json, "hasVariables", fail),
    hasAnnotations: booleanAt(json, "hasAnnotations", fail),
  };
}

function parsed(text: string, place: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new PluginError(`${place}: the file is not JSON: ${(error as Error).message}`);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new PluginError(`${place}: the file must contain a JSON object`);
  return json as Readonly<Record<string, unknown>>;
}

const VERSION = /^\d{1,6}\.\d{1,6}\.\d{1,6}$/;
const ID = /^[a-z][a-z0-9-]{1,62}$/;

/** Returns a sentence about an id that a plugin cannot have, or undefined. */
export const idProblem = (id: string): string | undefined =>
  ID.test(id) ? undefined : `"id" must have 2 to 63 characters a-z, 0-9 and -, and begin with a letter; it is "${id}"`;

/** Reports whether a text is the name of a file in a folder, without a path. */
export const isFileName = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(name);

/** Compares two versions of the form 1.2.3. Returns a number below, equal to or above 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split(".").map(Number), b.split(".").map(Number)];
  for (let part = 0; part < 3; part++) if (left[part] !== right[part]) return left[part]! - right[part]!;
  return 0;
}
