import { rootPath } from "../../api/root-path.ts";

/** A path of this server as the browser needs it: dashboards leave out the folder that the server is mounted at. */
const withRoot = (href: string): string => {
  const isPath = /^\/(?![/\\])/.test(href);
  return !isPath || href === rootPath || href.startsWith(`${rootPath}/`) ? href : `${rootPath}${href}`;
};

/** Where an anchor leads, and in which tab. A page in a new tab learns nothing of this one. */
export const addressOf = ({ href, targetBlank }: { readonly href: string; readonly targetBlank: boolean }) => ({
  href: withRoot(href),
  ...(targetBlank ? { target: "_blank", rel: "noopener noreferrer" } : {}),
});

/** What makes a button an anchor that leads to an address. */
export const anchorTo = (link: Parameters<typeof addressOf>[0]) => ({ component: "a" as const, ...addressOf(link) });
