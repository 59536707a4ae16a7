import { homePath } from "../api/root-path.ts";
import type { LinkSection, PageLink, Role } from "./role.ts";
import { pageSettings, type RoleName } from "../api/page-settings.ts";

/** A program in a shared navigation bar, which may be the current one. */
export interface Neighbour {
  /** Path below which the other program serves its pages. Undefined for the program that serves the current page. */
  readonly root: string | undefined;
  readonly links: readonly PageLink[];
  readonly menu: readonly LinkSection[];
}

/** Returns the programs that share the navigation bar, in order. Empty if there is only one. */
export function neighboursOf(
  roles: Readonly<Record<RoleName, Role>>,
  { role, stack } = pageSettings,
  home = homePath,
): readonly Neighbour[] {
  if (home === undefined || stack.size === 0) return [];
  const folders: readonly (readonly [RoleName, string])[] = [
    ["dashboards", home],
    ...[...stack].map(([name, path]) => [name, `${home}/${path}`] as const),
  ];
  return folders.map(([name, root]) => ({
    root: name === role ? undefined : root,
    ...(roles[name].shared ?? { links: roles[name].links, menu: roles[name].menu }),
  }));
}
