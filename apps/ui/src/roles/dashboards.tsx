import { IconLayoutDashboard } from "@tabler/icons-react";
import { lazy } from "react";
import type { Role } from "./role.ts";

const DashboardListPage = lazy(() => import("../dashboards/list/DashboardListPage.tsx"));
const DashboardPage = lazy(() => import("../dashboards/page/DashboardPage.tsx"));

/** The pages of dashboards. */
export const dashboardsRole: Role = {
  name: "Dashboards",
  start: "/",
  pages: [
    { path: "/", Page: lazy(() => import("../dashboards/list/HomePage.tsx")) },
    { path: "/dashboards", Page: DashboardListPage },
    { path: "/dashboards/f/:uid", Page: DashboardListPage },
    { path: "/dashboards/f/:uid/:slug", Page: DashboardListPage },
    { path: "/d/:uid", Page: DashboardPage },
    { path: "/d/:uid/:slug", Page: DashboardPage },
    { path: "/login", Page: lazy(() => import("../dashboards/list/LoginPage.tsx")) },
  ],
  links: [{ path: "/dashboards", name: "Dashboards", icon: IconLayoutDashboard }],
  menu: [],
  waitsUntilReady: false,
};
