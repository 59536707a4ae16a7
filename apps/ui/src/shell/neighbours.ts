import { homePath } from "../api/root-path.ts";
import type { LinkSection, PageLink, Role } from "../roles/role.ts";
import { pageSettings, type RoleName } from "./page-settings.ts";

/** A role in the bar that several share, this one included. */
export interface Neighbour {
  /** Where its pages are; undefined for the role whose page this is. */
  readonly root: string | undefined;
  readonly links: readonly PageLink[];
  readonly menu: readonly LinkSection[];
}

/** The roles that share the bar, in the order in which they stand there; none where a role is alone. */
export function neighboursOf(
  roles: Readonly<Record<RoleName, Role>>,
  { role, stack } = pageSettings,
  home = homePath,
): readonly Neighbour[] {
  if (home === undefined || stack.size === 0) return [];
  const places: readonly (readonly [RoleName, string])[] = [
    ["dashboards", home],
    ...[...stack].map(([name, path]) => [name, `${home}/${path}`] as const),
  ];
  return places.map(([name, root]) => ({
    root: name === role ? undefined : root,
    ...(roles[name].shared ?? { links: roles[name].links, menu: roles[name].menu }),
  }));
}
