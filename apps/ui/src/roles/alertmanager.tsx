import { IconBellCog, IconBellOff, IconBellRinging, IconInfoCircle, IconSend, IconSettings } from "@tabler/icons-react";
import { useEffect } from "react";
import { ruleAlertsAddress } from "../shell/stack-pages.ts";
import { LoadingMessage } from "../shell/StatusMessage.tsx";
import { whenLoaded } from "../shell/when-loaded.tsx";
import { Navigate, useLocation } from "react-router";
import type { PageLink, Role } from "../shell/role.ts";
import { Account } from "./account.tsx";

/** Matches the page in a link of a notification. Alertmanager's templates write `/#/alerts?receiver=…`. */
const NOTIFIED = /^#\/alerts(\?receiver=[^&]+)$/;

/**
 * Redirects the start page to the alerts. Links have the page in the fragment: `/#/alerts?filter=…`. Links of
 * notifications lead to the alerts of the server, if the dashboards show it, because they also have the rules.
 */
function StartRedirect() {
  const { hash } = useLocation();
  const notified = NOTIFIED.exec(hash)?.[1];
  const alerts = notified === undefined ? undefined : ruleAlertsAddress();
  useEffect(() => {
    if (alerts !== undefined) location.replace(`${alerts}${notified}`);
  }, [alerts, notified]);
  if (alerts !== undefined) return <LoadingMessage />;
  return <Navigate replace to={hash.startsWith("#/") ? hash.slice(1) : "/alerts"} />;
}

const SilencePage = whenLoaded(() => import("../alertmanager/SilencePage.tsx"));

const silences: PageLink = { path: "/silences", name: "Silences", icon: IconBellOff };

const links: readonly PageLink[] = [
  // The server's page is called "Alerts". Both links can be in the same navigation bar.
  { path: "/alerts", name: "Alert groups", icon: IconBellRinging },
  silences,
  { path: "/notifications", name: "Notifications", icon: IconSend },
  { path: "/receivers", name: "Receivers", icon: IconBellCog },
  { path: "/status", name: "Status", icon: IconInfoCircle },
  { path: "/settings", name: "Settings", icon: IconSettings },
];

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
    { path: "/receivers", Page: whenLoaded(() => import("../alertmanager/receivers/ReceiversPage.tsx")) },
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
        links: links.filter((link) => link !== silences),
      },
    ],
  },
  Tools: Account,
  waitsUntilReady: false,
};
