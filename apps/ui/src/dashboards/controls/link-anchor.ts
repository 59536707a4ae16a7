import { rootPath } from "../../api/root-path.ts";

/** Adds the root path of the server to a path, since dashboards leave it out. */
const withRoot = (href: string): string => {
  const isPath = /^\/(?![/\\])/.test(href);
  return !isPath || href === rootPath || href.startsWith(`${rootPath}/`) ? href : `${rootPath}${href}`;
};

/** Returns the attributes of an anchor: its address and its tab. A page in a new tab gets no reference to this one. */
export const addressOf = ({ href, targetBlank }: { readonly href: string; readonly targetBlank: boolean }) => ({
  href: withRoot(href),
  ...(targetBlank ? { target: "_blank", rel: "noopener noreferrer" } : {}),
});

/** Returns the attributes that make a button an anchor to an address. */
export const anchorTo = (link: Parameters<typeof addressOf>[0]) => ({ component: "a" as const, ...addressOf(link) });
