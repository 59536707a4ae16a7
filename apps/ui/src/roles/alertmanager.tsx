import { IconBellOff, IconBellRinging, IconInfoCircle, IconSend, IconSettings } from "@tabler/icons-react";
import { whenLoaded } from "../shell/when-loaded.tsx";
import { Navigate, useLocation } from "react-router";
import type { PageLink, Role } from "../shell/role.ts";

/**
 * Redirects the start page to the alerts page. Links in Alertmanager notifications have the page in the fragment:
 * `/#/alerts?filter=…`.
 */
function StartRedirect() {
  const { hash } = useLocation();
  return <Navigate replace to={hash.startsWith("#/") ? hash.slice(1) : "/alerts"} />;
}

const SilencePage = whenLoaded(() => import("../alertmanager/SilencePage.tsx"));

const links: readonly PageLink[] = [
  { path: "/alerts", name: "Alerts", icon: IconBellRinging },
  { path: "/silences", name: "Silences", icon: IconBellOff },
  { path: "/notifications", name: "Notifications", icon: IconSend },
  { path: "/status", name: "Status", icon: IconInfoCircle },
  { path: "/settings", name: "Settings", icon: IconSettings },
];

/**
 * Link to the alert groups. Its name differs from the server's "Alerts", because both links can be in the same
 * navigation bar.
 */
const grouped: PageLink = { path: "/alerts", name: "Alert groups", icon: IconBellRinging };
const silences: PageLink = { path: "/silences", name: "Silences", icon: IconBellOff };

export const alertmanagerRole: Role = {
  name: "Alertmanager",
  start: "/alerts",
  pages: [
    { path: "/", Page: StartRedirect },
    { path: "/alerts", Page: whenLoaded(() => import("../alertmanager/AlertsPage.tsx")) },
    { path: "/silences", Page: whenLoaded(() => import("../alertmanager/SilencesPage.tsx")) },
    { path: "/silences/new", Page: whenLoaded(() => import("../alertmanager/NewSilencePage.tsx")) },
    { path: "/silences/:id", Page: () => <SilencePage isEdited={false} /> },
    { path: "/silences/:id/edit", Page: () => <SilencePage isEdited /> },
    { path: "/notifications", Page: whenLoaded(() => import("../alertmanager/NotificationsPage.tsx")) },
    { path: "/status", Page: whenLoaded(() => import("../alertmanager/StatusPage.tsx")) },
    { path: "/settings", Page: whenLoaded(() => import("../alertmanager/SettingsPage.tsx")) },
  ],
  links,
  menu: [],
  shared: {
    links: [silences],
    menu: [
      {
        name: "Alertmanager",
        links: [grouped, ...links.filter(({ path }) => path !== "/alerts" && path !== "/silences")],
      },
    ],
  },
  waitsUntilReady: false,
};
