import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isNull, parseYaml } from "@narthex/config";

/** Folders of `paths.provisioning` whose files are not supported, each with an alternative for the user. */
const UNREAD = {
  alerting:
    "write alert rules for the server, and receivers, routes and mute times into the Alertmanager's configuration",
  notifiers: "write receivers into the Alertmanager's configuration",
  "access-control": "give users a role, and close folders to all but admins",
  plugins: "there are no plugins to set up",
} as const;

export type UnreadKind = keyof typeof UNREAD;

export const UNREAD_KINDS = Object.keys(UNREAD) as readonly UnreadKind[];

/** Returns a sentence with the reason why files of a kind have no effect, and the alternative. */
export const unreadReason = (kind: UnreadKind): string =>
  `files of this kind are not read by this build: ${UNREAD[kind]}`;

/**
 * Returns a sentence for each folder that contains files which are not supported. Files in which everything is
 * commented out are ignored.
 */
export function unreadFiles(root: string): readonly string[] {
  return UNREAD_KINDS.flatMap((kind) => {
    const folder = join(root, kind);
    const names = namesIn(folder).filter((name) => /\.(?:ya?ml|json)$/.test(name) && hasContents(join(folder, name)));
    return names.length === 0 ? [] : [`${folder} (${names.join(", ")}): ${unreadReason(kind)}`];
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    // Returns nothing if the folder does not exist, or if this system user cannot read it.
    return [];
  }
}

/** Reports whether a file contains more than its `apiVersion`. Returns true for a file that cannot be read. */
function hasContents(path: string): boolean {
  try {
    const { root, problems } = parseYaml(readFileSync(path, "utf8"), path);
    if (problems.length > 0) return true;
    if (root?.kind !== "map") return root !== undefined && !isNull(root);
    return root.entries.some(({ key, value }) => key.text !== "apiVersion" && !isNull(value));
  } catch {
    return true;
  }
}
