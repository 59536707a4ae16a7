import { basename, dirname, extname, join } from "node:path";
import { shellCommand } from "../../service/shell-words.ts";
import type { Target } from "../role-plan.ts";
import type { ContainerMove } from "./compose-dashboards.ts";
import type { ComposeProject } from "./compose-project.ts";
import type { FoundService } from "./find-services.ts";
import { DEFAULT_PREFIX } from "../flags.ts";
import { editYaml, type TextEdit } from "./image-edit.ts";

/** Prefix and tag of Narthex's container images. */
export interface ImageNames {
  readonly prefix: string;
  readonly tag: string;
}

/**
 * Returns copies of the compose files in which the images are replaced by Narthex images, and the command to start
 * them. The copies are written next to the user's files. Throws CommandError.
 */
export function composeTarget(
  services: readonly FoundService[],
  project: ComposeProject,
  { prefix, tag, projectName }: ImageNames & { readonly projectName: string | undefined },
  moves: readonly ContainerMove[],
): Target {
  const edits = new Map<string, Map<string, TextEdit>>();
  for (const { found, image, imageLayer, service } of services) {
    const name = `${prefix}${found.original.role}${tag === "" ? "" : `:${tag}`}`;
    const isOwn = project.files.some(({ path }) => path === imageLayer.file);
    const layer = isOwn ? imageLayer : service.layers.at(-1)!;
    const { line, column } = isOwn ? image : layer.node;
    const edit: TextEdit = isOwn
      ? { kind: "replace", line, column, text: name }
      : { kind: "insert", line, column, text: `image: ${name}` };
    const known = edits.get(layer.file) ?? new Map<string, TextEdit>();
    edits.set(layer.file, known.set(`${line}:${column}`, edit));
  }
  const files = project.files.map(({ path, text, mode }) => {
    const own = edits.get(path);
    return own === undefined
      ? { path, edited: undefined, mode }
      : { path: besideName(path), edited: editYaml(text, [...own.values()], path), mode };
  });
  const command = (paths: readonly string[], ...flags: readonly string[]): string =>
    shellCommand([
      "docker",
      "compose",
      ...(projectName === undefined ? [] : ["-p", projectName]),
      "--project-directory",
      project.folder,
      ...paths.flatMap((path) => ["-f", path]),
      "up",
      "-d",
      ...flags,
      ...services.map(({ found }) => found.origin.service),
    ]);
  const overrides = moves.flatMap(({ service, override }) =>
    override === undefined ? [] : [{ path: besideName(project.files[0]!.path, `-${service}`), text: override }],
  );
  const edited = files.flatMap((file) =>
    file.edited === undefined ? [] : [{ path: file.path, text: file.edited, mode: file.mode }],
  );
  // Disables pulling for images with the default prefix, which are built locally. An image of this name in a registry
  // would belong to someone else.
  const pull = prefix === DEFAULT_PREFIX ? ["--pull", "never"] : [];
  const lines = moves.flatMap((move) => move.lines);
  return {
    kind: "compose",
    files: [],
    beside: [...edited, ...overrides].map((file) => ({ ...file, isSecret: false })),
    over: [
      ...lines,
      command(
        [...files, ...overrides].map(({ path }) => path),
        ...pull,
      ),
    ],
    back: [command(project.files.map(({ path }) => path))],
    needsRoot: lines.length > 0,
  };
}

/** Returns the path of a copy: `docker-compose.yml` becomes `docker-compose.narthex.yml`. */
const besideName = (path: string, part = ""): string =>
  join(dirname(path), `${basename(path, extname(path))}.narthex${part}${extname(path)}`);
