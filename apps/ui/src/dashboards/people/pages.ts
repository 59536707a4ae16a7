import { whenLoaded } from "../../shell/when-loaded.tsx";

const ProfilePage = whenLoaded(() => import("./profile/ProfilePage.tsx"));
const UsersPage = whenLoaded(() => import("./users/UsersPage.tsx"));

/**
 * The pages about users, teams, permissions and administration. To add a page, add a folder next to this file, a line
 * to this list, and a line to `frame/administration-links.ts` if the page has a link. Also add the path to
 * `web/page-paths.ts` of the dashboards server.
 */
export const peoplePages = [
  { path: "/profile", Page: ProfilePage },
  { path: "/profile/password", Page: ProfilePage },
  { path: "/admin/users", Page: UsersPage },
  { path: "/org/users", Page: UsersPage },
  { path: "/org/users/invitations", Page: whenLoaded(() => import("./invitations/InvitationsPage.tsx")) },
  { path: "/admin/users/edit/:id", Page: whenLoaded(() => import("./users/UserPage.tsx")) },
  { path: "/admin/audit", Page: whenLoaded(() => import("./audit/AuditPage.tsx")) },
  { path: "/org/teams", Page: whenLoaded(() => import("./teams/TeamsPage.tsx")) },
  { path: "/org/teams/edit/:uid", Page: whenLoaded(() => import("./teams/TeamPage.tsx")) },
  { path: "/org/serviceaccounts", Page: whenLoaded(() => import("./service-accounts/ServiceAccountsPage.tsx")) },
  { path: "/org/serviceaccounts/:id", Page: whenLoaded(() => import("./service-accounts/ServiceAccountPage.tsx")) },
  {
    path: "/dashboards/f/:uid/:slug/permissions",
    Page: whenLoaded(() => import("./permissions/FolderPermissionsPage.tsx")),
  },
  {
    path: "/d/:uid/:slug/permissions",
    Page: whenLoaded(() => import("./permissions/DashboardPermissionsPage.tsx")),
  },
  { path: "/connections/datasources", Page: whenLoaded(() => import("./data-sources/DataSourcesPage.tsx")) },
  { path: "/connections/datasources/new", Page: whenLoaded(() => import("./data-sources/NewDataSourcePage.tsx")) },
  { path: "/connections/datasources/edit/:uid", Page: whenLoaded(() => import("./data-sources/DataSourcePage.tsx")) },
  {
    path: "/connections/datasources/edit/:uid/permissions",
    Page: whenLoaded(() => import("./permissions/SourcePermissionsPage.tsx")),
  },
  { path: "/dashboard/recently-deleted", Page: whenLoaded(() => import("./deleted/DeletedPage.tsx")) },
];
