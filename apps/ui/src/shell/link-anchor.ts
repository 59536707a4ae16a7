import { rootPath } from "../api/root-path.ts";

/** Adds the server's root path to a path, because paths in dashboards do not contain it. */
const withRoot = (href: string): string => {
  const isPath = /^\/(?![/\\])/.test(href);
  return !isPath || href === rootPath || href.startsWith(`${rootPath}/`) ? href : `${rootPath}${href}`;
};

/**
 * Returns link attributes for a URL. A link that opens a new tab gives the new page no access to this page
 * (`noopener`).
 */
export const addressOf = ({ href, targetBlank }: { readonly href: string; readonly targetBlank: boolean }) => ({
  href: withRoot(href),
  ...(targetBlank ? { target: "_blank", rel: "noopener noreferrer" } : {}),
});

/** Returns properties that render a button component as a link. */
export const anchorTo = (link: Parameters<typeof addressOf>[0]) => ({ component: "a" as const, ...addressOf(link) });
