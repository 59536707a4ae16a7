import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type ConfigFiles, diskFiles, type YamlNode, SourceError } from "@narthex/config";
import { trimTrailing } from "@narthex/model";
import { isBelow } from "../../service/is-below.ts";
import { type ComposeProject, type ComposeService, mapIn, type ServiceLayer, valueIn } from "./compose-project.ts";

export interface Mount {
  readonly target: string;
  /** Kind of the source: a host folder, a named volume, or an anonymous volume. */
  readonly kind: "folder" | "volume" | "nameless";
  /** Path on the host, or name of the volume. */
  readonly source: string;
}

/** Keys of a service under which docker compose mounts single files. */
const FILE_KINDS = ["configs", "secrets"] as const;

/** Returns the mounts of a service. A later mount replaces an earlier one with the same target. */
export function mountsOf(service: ComposeService, project: ComposeProject): readonly Mount[] {
  const mounts = new Map<string, Mount>();
  for (const layer of service.layers) {
    const volumes = valueIn(layer.node, "volumes");
    const items = volumes?.kind === "list" ? volumes.items : [];
    const found = items.map((item) => volumeMount(item, layer, project));
    const files = FILE_KINDS.flatMap((kind) => fileMounts(kind, layer, project));
    for (const mount of [...found, ...files]) if (mount !== undefined) mounts.set(mount.target, mount);
  }
  return [...mounts.values()];
}

function volumeMount(item: YamlNode, { file, folder }: ServiceLayer, project: ComposeProject): Mount | undefined {
  if (item.kind === "list") return undefined;
  if (item.kind === "map") {
    const [source = "", target = ""] = ["source", "target"].map((key) => project.textIn(item, key, file));
    return target === "" ? undefined : mountOf(source, target, folder, project.textIn(item, "type", file) === "bind");
  }
  const [first = "", second] = project.text(item, file).split(":");
  return second === undefined ? mountOf("", first, folder, false) : mountOf(first, second, folder, false);
}

function mountOf(source: string, target: string, folder: string, isBind: boolean): Mount {
  const clean = target.length > 1 ? trimTrailing(target, "/") : target;
  if (source === "") return { target: clean, kind: "nameless", source };
  if (!isBind && !/^[./~]/.test(source)) return { target: clean, kind: "volume", source };
  const path = source.startsWith("~") ? join(homedir(), source.slice(1)) : resolve(folder, source);
  return { target: clean, kind: "folder", source: path };
}

function fileMounts(
  kind: (typeof FILE_KINDS)[number],
  { node, file }: ServiceLayer,
  project: ComposeProject,
): readonly Mount[] {
  const used = valueIn(node, kind);
  if (used?.kind !== "list") return [];
  return used.items.flatMap((item): Mount[] => {
    const isMap = item.kind === "map";
    const name = isMap
      ? project.textIn(item, "source", file)
      : item.kind === "scalar"
        ? project.text(item, file)
        : undefined;
    const place = name === undefined ? undefined : fileOf(kind, name, project);
    if (name === undefined || place === undefined) return [];
    const fallback = kind === "configs" ? `/${name}` : `/run/secrets/${name}`;
    const target = (isMap ? project.textIn(item, "target", file) : undefined) ?? fallback;
    return [{ target: target.startsWith("/") ? target : `/run/secrets/${target}`, kind: "folder", source: place }];
  });
}

function fileOf(kind: string, name: string, project: ComposeProject): string | undefined {
  for (const { root, path } of project.files.toReversed()) {
    const entry = mapIn(mapIn(root, kind), name);
    const file = entry === undefined ? undefined : project.textIn(entry, "file", path);
    if (file !== undefined) return resolve(project.folder, file);
  }
  return undefined;
}

/** Returns the mount that contains a path of the container. Undefined if the path is part of the image. */
export const mountAt = (path: string, mounts: readonly Mount[]): Mount | undefined =>
  mounts
    .filter(({ target }) => path === target || isBelow(path, target))
    .toSorted((a, b) => b.target.length - a.target.length)[0];

/** Returns the path on the host for a path in the container. Undefined if no folder of the host is mounted there. */
export function hostPath(path: string, mounts: readonly Mount[]): string | undefined {
  const mount = mountAt(path, mounts);
  return mount?.kind === "folder" ? join(mount.source, path.slice(mount.target.length)) : undefined;
}

/**
 * Returns access to a container's files that are mounted from the host. Files are read by their paths in the container.
 */
export function mountedFiles(mounts: readonly Mount[]): ConfigFiles {
  return {
    async read(path) {
      const place = hostPath(path, mounts);
      if (place === undefined) throw new SourceError(`open ${path}: no file of the host is mounted there`);
      return diskFiles.read(place);
    },
    list: async (folder) => {
      const place = hostPath(folder, mounts);
      return place === undefined ? [] : diskFiles.list(place);
    },
    exists: async (path) => {
      const place = hostPath(path, mounts);
      return place !== undefined && diskFiles.exists(place);
    },
  };
}
