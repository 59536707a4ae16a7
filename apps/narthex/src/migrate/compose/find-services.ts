import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import type { ScalarNode } from "@narthex/config";
import { CommandError } from "../../command-line/command.ts";
import { differs, type Note } from "../note.ts";
import { type Original, originalOfImage, originalOfProgram } from "../originals.ts";
import type { FoundOriginal } from "../source/found-original.ts";
import { QuoteError, quotedWords } from "../../service/quoted-words.ts";
import { type ComposeProject, type ComposeService, mapIn, type ServiceLayer, valueIn } from "./compose-project.ts";
import { type Mount, mountsOf } from "./mounts.ts";

/** A compose service that runs one of the programs that Narthex can replace. */
export interface FoundService {
  readonly found: FoundOriginal & { readonly origin: Extract<FoundOriginal["origin"], { kind: "compose" }> };
  readonly service: ComposeService;
  /** The YAML value with the image name, and the definition that contains the value. */
  readonly image: ScalarNode;
  readonly imageLayer: ServiceLayer;
  readonly mounts: readonly Mount[];
  /** Whether the service starts the program directly. False if it starts a script, because scripts are not analysed. */
  readonly isTransparent: boolean;
}

/** Finds services with programs that Narthex can replace, by their images. Throws CommandError. */
export function findServices(project: ComposeProject): readonly FoundService[] {
  return project.services().flatMap((service) => {
    const imageLayer = service.layers.findLast(({ node }) => valueIn(node, "image") !== undefined);
    const image = imageLayer === undefined ? undefined : valueIn(imageLayer.node, "image");
    if (imageLayer === undefined || image?.kind !== "scalar") return [];
    const name = project.text(image, imageLayer.file);
    const original = originalOfImage(name);
    if (original === undefined) return [];
    const { words, isTransparent, notes } = argumentsOf(service, original, project);
    const own = service.layers.at(-1)!;
    return [
      {
        found: {
          original,
          origin: { kind: "compose", file: own.file, line: own.node.line, service: service.name },
          program: name,
          words,
          cwd: lastText(service, "working_dir", project) ?? original.imageFolder,
          env: environmentOf(service, project),
          user: lastText(service, "user", project),
          notes,
        },
        service,
        image,
        imageLayer,
        mounts: mountsOf(service, project),
        isTransparent,
      },
    ];
  });
}

function lastText(service: ComposeService, key: string, project: ComposeProject): string | undefined {
  const layer = service.layers.findLast(({ node }) => valueIn(node, key) !== undefined);
  return layer === undefined ? undefined : project.textIn(layer.node, key, layer.file);
}

interface ContainerArguments extends Pick<FoundService, "isTransparent"> {
  readonly words: readonly string[];
  readonly notes: readonly Note[];
}

/**
 * Returns the program arguments of a service. The image's default command is not used if the compose file sets an entry
 * point.
 */
function argumentsOf(service: ComposeService, original: Original, project: ComposeProject): ContainerArguments {
  const entrypoint = wordsOf(service, "entrypoint", project);
  const command = wordsOf(service, "command", project);
  if (entrypoint === undefined || entrypoint.words.length === 0)
    return { words: command?.words ?? original.imageArguments, isTransparent: true, notes: [] };
  const [program = "", ...first] = entrypoint.words;
  if (originalOfProgram(program) === original)
    return { words: [...first, ...(command?.words ?? [])], isTransparent: true, notes: [] };
  const text = `${entrypoint.place}: the entry point starts ${program}, which is not analysed: check that our image contains the programs that it calls (it has a shell, wget and nc)`;
  return { words: [], isTransparent: false, notes: [differs(text)] };
}

/**
 * Returns the words of `command` or `entrypoint`: the items of a list, or a text that is split as a shell does. Throws
 * CommandError.
 */
function wordsOf(
  service: ComposeService,
  key: "command" | "entrypoint",
  project: ComposeProject,
): { readonly words: readonly string[]; readonly place: string } | undefined {
  const layer = service.layers.findLast(({ node }) => valueIn(node, key) !== undefined);
  const value = layer === undefined ? undefined : valueIn(layer.node, key);
  if (layer === undefined || value === undefined || value.kind === "map") return undefined;
  const place = `${layer.file}:${value.line}`;
  if (value.kind === "list") return { words: project.texts(value, layer.file), place };
  try {
    return { words: quotedWords(project.text(value, layer.file), "shell"), place };
  } catch (error) {
    if (!(error instanceof QuoteError)) throw error;
    throw new CommandError(`${place}: ${key}: ${error.message}; close it`, { cause: error });
  }
}

/**
 * Returns the variables of `env_file` and `environment`. The variables of `environment` take precedence. Throws
 * CommandError for a missing file.
 */
function environmentOf(service: ComposeService, project: ComposeProject): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const layer of service.layers) Object.assign(env, fileVariables(layer, project));
  for (const { node, file } of service.layers) {
    const entries: (readonly [string, string | undefined])[] = [];
    for (const { key, value } of mapIn(node, "environment")?.entries ?? [])
      entries.push([
        key.text,
        value.kind === "scalar" && value.tag !== "!!null" ? project.text(value, file) : undefined,
      ]);
    const list = valueIn(node, "environment");
    for (const text of list === undefined ? [] : project.texts(list, file))
      entries.push(text.split(/=(.*)/s, 2) as [string, string]);
    for (const [name, value] of entries) {
      // A variable without a value in the compose file takes its value from docker compose's own environment.
      const given = value ?? project.env[name];
      if (given !== undefined) env[name] = given;
    }
  }
  return env;
}

function fileVariables(
  { node, file, folder }: ServiceLayer,
  project: ComposeProject,
): Readonly<Record<string, string | undefined>> {
  const value = valueIn(node, "env_file");
  if (value === undefined) return {};
  const items = value.kind === "list" ? value.items : [value];
  const env: Record<string, string | undefined> = {};
  for (const item of items) {
    if (item.kind === "list") continue;
    const name = item.kind === "scalar" ? project.text(item, file) : (project.textIn(item, "path", file) ?? "");
    const isOptional = item.kind === "map" && project.textIn(item, "required", file) === "false";
    const path = resolve(folder, name);
    if (existsSync(path)) Object.assign(env, parseEnv(readFileSync(path, "utf8")));
    else if (!isOptional)
      throw new CommandError(
        `${file}:${item.line}: the env_file ${path} does not exist; create it, or remove the entry`,
      );
  }
  return env;
}
