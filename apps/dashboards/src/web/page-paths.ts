import type { Right } from "../auth/rights.ts";

/**
 * Paths of all pages. The same HTML document is served at each of them. The slug after the uid of a dashboard or folder
 * has no effect.
 */
export const PAGE_PATHS: readonly string[] = [
  "/",
  "/login",
  "/profile",
  "/profile/password",
  "/user/password/reset",
  "/user/password/send-reset-email",
  "/signup",
  "/invite/:code",
  "/d/:uid",
  "/d/:uid/:slug",
  "/d/:uid/:slug/permissions",
  "/d-solo/:uid",
  "/d-solo/:uid/:slug",
  "/dashboards",
  "/dashboards/f/:uid",
  "/dashboards/f/:uid/:slug",
  "/dashboards/f/:uid/:slug/permissions",
  "/dashboard/new",
  "/dashboard/import",
  "/dashboard/recently-deleted",
  "/dashboard/generate",
  "/dashboard/what-changed",
  "/dashboard/snapshots",
  "/dashboard/snapshot/:key",
  "/public-dashboards/:token",
  "/library-panels",
  "/playlists",
  "/playlists/new",
  "/playlists/edit/:uid",
  "/playlists/play/:uid",
  "/reports",
  "/reports/new",
  "/reports/edit/:id",
  "/explore",
  "/alerting",
  "/alerting/list",
  "/alerting/silences",
  "/connections/datasources",
  "/connections/datasources/new",
  "/connections/datasources/edit/:uid",
  "/connections/datasources/edit/:uid/permissions",
  "/admin/audit",
  "/admin/settings",
  "/admin/users",
  "/admin/users/edit/:id",
  "/org",
  "/org/users",
  "/org/users/invitations",
  "/org/teams",
  "/org/teams/edit/:uid",
  "/org/serviceaccounts",
  "/org/serviceaccounts/:id",
];

/** Matches the files that every page loads. */
const FILES = /^\/(?:assets\/|favicon\.svg$|manifest\.json$)/;
/** Matches the paths of pages for users who are not signed in. */
const OPEN_PAGES = /^\/(?:login$|signup$|invite\/|user\/password\/|dashboard\/snapshot\/|public-dashboards\/)/;

/** Returns the right that a page or one of its files requires. */
export function pageRight(url: string): Right {
  if (FILES.test(url)) return "open";
  return OPEN_PAGES.test(url) ? "none" : "page";
}
