import { IconArrowsDiff, IconCamera, IconLayoutDashboard, IconPlaylist, IconReport } from "@tabler/icons-react";
import { sendOpeningRequests } from "../dashboards/data/opening-requests.ts";
import { peoplePages } from "../dashboards/people/pages.ts";
import { pageParts } from "../dashboards/page/page-parts.ts";
import { whenLoaded } from "../shell/when-loaded.tsx";
import type { Role } from "../shell/role.ts";
import { Account } from "./account.tsx";

const DashboardListPage = whenLoaded(() => import("../dashboards/list/DashboardListPage.tsx"));
const DashboardPage = whenLoaded(() => {
  sendOpeningRequests();
  return import("../dashboards/routes/DashboardPage.tsx");
});
const PlaylistEditPage = whenLoaded(() => import("../dashboards/playlists/PlaylistEditPage.tsx"));
const ReportEditPage = whenLoaded(() => import("../dashboards/reports/ReportEditPage.tsx"));
const SoloPage = whenLoaded(() => {
  sendOpeningRequests();
  return import("../dashboards/routes/SoloPage.tsx");
});

export const dashboardsRole: Role = {
  name: "Dashboards",
  start: "/",
  pages: [
    { path: "/", Page: whenLoaded(() => import("../dashboards/list/HomePage.tsx")) },
    { path: "/dashboards", Page: DashboardListPage },
    { path: "/dashboards/f/:uid", Page: DashboardListPage },
    { path: "/dashboards/f/:uid/:slug", Page: DashboardListPage },
    { path: "/d/:uid", Page: DashboardPage },
    { path: "/d/:uid/:slug", Page: DashboardPage },
    { path: "/d-solo/:uid", Page: SoloPage },
    { path: "/d-solo/:uid/:slug", Page: SoloPage },
    { path: "/dashboard/generate", Page: whenLoaded(() => import("../dashboards/generate/GeneratePage.tsx")) },
    {
      path: "/dashboard/what-changed",
      Page: whenLoaded(() => import("../dashboards/what-changed/WhatChangedPage.tsx")),
    },
    { path: "/explore", Page: whenLoaded(() => import("../dashboards/explore/ExplorePage.tsx")) },
    { path: "/dashboard/new", Page: whenLoaded(() => import("../dashboards/list/NewDashboardPage.tsx")) },
    { path: "/dashboard/import", Page: whenLoaded(() => import("../dashboards/list/import/ImportPage.tsx")) },
    { path: "/dashboard/snapshots", Page: whenLoaded(() => import("../dashboards/snapshots/SnapshotListPage.tsx")) },
    { path: "/dashboard/snapshot/:key", Page: whenLoaded(() => import("../dashboards/snapshots/SnapshotPage.tsx")) },
    { path: "/playlists", Page: whenLoaded(() => import("../dashboards/playlists/PlaylistListPage.tsx")) },
    { path: "/playlists/new", Page: PlaylistEditPage },
    { path: "/playlists/edit/:uid", Page: PlaylistEditPage },
    { path: "/playlists/play/:uid", Page: whenLoaded(() => import("../dashboards/playlists/PlaylistPlayPage.tsx")) },
    { path: "/reports", Page: whenLoaded(() => import("../dashboards/reports/ReportListPage.tsx")) },
    { path: "/reports/new", Page: ReportEditPage },
    { path: "/reports/edit/:id", Page: ReportEditPage },
    ...peoplePages,
    { path: "/login", Page: whenLoaded(() => import("../dashboards/list/LoginPage.tsx")) },
    {
      path: "/user/password/send-reset-email",
      Page: whenLoaded(() => import("../dashboards/sign-in/LostPasswordPage.tsx")),
    },
    { path: "/user/password/reset", Page: whenLoaded(() => import("../dashboards/sign-in/NewPasswordPage.tsx")) },
    { path: "/invite/:code", Page: whenLoaded(() => import("../dashboards/sign-in/InvitationPage.tsx")) },
  ],
  links: [
    {
      path: "/dashboards",
      name: "Dashboards",
      icon: IconLayoutDashboard,
      owns: (path) => path === "/" || /^\/(?:d|dashboard|dashboards|explore)\//.test(`${path}/`),
    },
  ],
  menu: [
    {
      name: "Dashboards",
      links: [
        { path: "/dashboard/what-changed", name: "What changed?", icon: IconArrowsDiff },
        { path: "/playlists", name: "Playlists", icon: IconPlaylist },
        { path: "/reports", name: "Reports", icon: IconReport },
        { path: "/dashboard/snapshots", name: "Snapshots", icon: IconCamera },
      ],
    },
  ],
  Tools: Account,
  isWithoutHeader: ({ pathname, search }) =>
    pathname.startsWith("/d-solo/") || !pageParts(new URLSearchParams(search)).hasHeader,
  waitsUntilReady: false,
};
