import { IconAppWindow } from "@tabler/icons-react";
import { rootPath } from "../../api/root-path.ts";
import type { Neighbour } from "../../shell/neighbours.ts";
import type { FoundPlace, PaletteProvider } from "../../shell/palette/palette-provider.ts";
import type { PageLink, Role } from "../../shell/role.ts";
import { matchesSearch } from "../../shell/text-search.ts";

/** Returns the pages of a navigation bar. */
export function pagesOf(role: Pick<Role, "links" | "menu">, neighbours: readonly Neighbour[]): readonly FoundPlace[] {
  const bars = neighbours.length === 0 ? [{ root: undefined, links: role.links, menu: role.menu }] : neighbours;
  const pages = bars.flatMap(({ root = rootPath, links, menu }) => {
    const place = ({ path, name }: PageLink, hint?: string): FoundPlace => ({
      title: name,
      href: `${root}${path}`,
      ...(hint !== undefined && { hint }),
    });
    return [
      ...links.map((link) => place(link)),
      ...menu.flatMap(({ name, links: inner }) => inner.map((link) => place(link, name))),
    ];
  });
  return [...new Map(pages.map((page) => [page.href, page])).values()];
}

/** Finds pages by their names in the navigation. */
export const pageProvider = (pages: readonly FoundPlace[]): PaletteProvider => ({
  name: "Pages",
  icon: IconAppWindow,
  find: (text) =>
    Promise.resolve(pages.filter(({ title, hint = "" }) => matchesSearch(`${title} ${hint}`.toLowerCase(), text))),
});
