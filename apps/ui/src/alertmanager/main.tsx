import "@mantine/dates/styles.css";
import "@mantine/notifications/styles.css";
import { Container } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { IconBellOff, IconBellRinging, IconInfoCircle, IconSend, IconSettings } from "@tabler/icons-react";
import type { Icon } from "@tabler/icons-react";
import { Suspense, lazy } from "react";
import { HashRouter, NavLink, Navigate, Outlet, Route, Routes } from "react-router";
import { alertmanagerPrefix } from "../api/alertmanager.ts";
import { ColorSchemeButton } from "../shell/ColorSchemeButton.tsx";
import { Masthead } from "../shell/Masthead.tsx";
import { EmptyRemark, LoadingRemark } from "../shell/Remark.tsx";
import { mount } from "../shell/Root.tsx";
import AlertsPage from "./AlertsPage.tsx";

const NewSilencePage = lazy(() => import("./NewSilencePage.tsx"));
const NotificationsPage = lazy(() => import("./NotificationsPage.tsx"));
const SettingsPage = lazy(() => import("./SettingsPage.tsx"));
const SilencePage = lazy(() => import("./SilencePage.tsx"));
const SilencesPage = lazy(() => import("./SilencesPage.tsx"));
const StatusPage = lazy(() => import("./StatusPage.tsx"));

const pages: ReadonlyArray<{ path: string; name: string; icon: Icon }> = [
  { path: "/alerts", name: "Alerts", icon: IconBellRinging },
  { path: "/silences", name: "Silences", icon: IconBellOff },
  { path: "/notifications", name: "Notifications", icon: IconSend },
  { path: "/status", name: "Status", icon: IconInfoCircle },
  { path: "/settings", name: "Settings", icon: IconSettings },
];

/** A link to a clean path (`/alerts?filter=…`) goes on as the fragment of the same name. */
function adoptCleanPath(): void {
  const page = location.pathname.slice(alertmanagerPrefix.length);
  if (location.hash === "" && pages.some(({ path }) => page === path || page.startsWith(`${path}/`))) {
    history.replaceState(null, "", `${alertmanagerPrefix}/#${page}${location.search}`);
  }
}

function Links({ onClick }: { onClick?: () => void }) {
  return (
    <>
      {pages.map(({ path, name, icon: LinkIcon }) => (
        <NavLink key={path} to={path} className="nav-link nav-anchor" {...(onClick === undefined ? {} : { onClick })}>
          <LinkIcon size={16} aria-hidden />
          {name}
        </NavLink>
      ))}
    </>
  );
}

function Frame() {
  return (
    <>
      <Notifications position="top-right" />
      <Masthead
        role="Alertmanager"
        home="#/alerts"
        navigation={<Links />}
        renderFolded={(close) => <Links onClick={close} />}
        tools={<ColorSchemeButton />}
      />
      <Container component="main" id="content" tabIndex={-1} fluid className="page">
        <Suspense fallback={<LoadingRemark />}>
          <Outlet />
        </Suspense>
      </Container>
    </>
  );
}

function AlertmanagerApp() {
  return (
    <HashRouter useTransitions={false}>
      <Routes>
        <Route element={<Frame />}>
          <Route path="/" element={<Navigate replace to="/alerts" />} />
          <Route path="/alerts" element={<AlertsPage />} />
          <Route path="/silences" element={<SilencesPage />} />
          <Route path="/silences/new" element={<NewSilencePage />} />
          <Route path="/silences/:id" element={<SilencePage isEdited={false} />} />
          <Route path="/silences/:id/edit" element={<SilencePage isEdited />} />
          <Route path="/notifications" element={<NotificationsPage />} />
          <Route path="/status" element={<StatusPage />} />
          <Route path="/settings" element={<SettingsPage />} />
          <Route path="*" element={<EmptyRemark title="No such page" />} />
        </Route>
      </Routes>
    </HashRouter>
  );
}

adoptCleanPath();
mount(<AlertmanagerApp />);
