import { Button, Container, Menu } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import "@mantine/notifications/styles.css";
import {
  IconAdjustments,
  IconBellRinging,
  IconChevronDown,
  IconDatabase,
  IconFileCode,
  IconFlag,
  IconHeartRateMonitor,
  IconInfoCircle,
  IconListCheck,
  IconRadar,
  IconSearch,
  IconTerminal2,
} from "@tabler/icons-react";
import type { Icon } from "@tabler/icons-react";
import { Suspense } from "react";
import { Link, NavLink, Outlet, useLocation } from "react-router";
import { pathPrefix } from "../api/prometheus.ts";
import { ColorSchemeButton } from "./ColorSchemeButton.tsx";
import { Masthead } from "./Masthead.tsx";
import { NoticeBell } from "./NoticeBell.tsx";
import { ReadinessGate } from "./ReadinessGate.tsx";
import { LoadingRemark } from "./Remark.tsx";
import { SettingsMenu } from "./SettingsMenu.tsx";
import { pageSettings } from "./page-settings.ts";

interface Destination {
  readonly path: string;
  readonly name: string;
  readonly icon: Icon;
  /** Not there when the server only forwards. */
  readonly storage: boolean;
}

const mainPages: readonly Destination[] = [
  { path: "/query", name: "Query", icon: IconSearch, storage: true },
  { path: "/alerts", name: "Alerts", icon: IconBellRinging, storage: true },
];
const monitoringPages: readonly Destination[] = [
  { path: "/targets", name: "Target health", icon: IconHeartRateMonitor, storage: false },
  { path: "/rules", name: "Rule health", icon: IconListCheck, storage: true },
  { path: "/service-discovery", name: "Service discovery", icon: IconRadar, storage: false },
];
const serverPages: readonly Destination[] = [
  { path: "/status", name: "Runtime & build information", icon: IconInfoCircle, storage: false },
  { path: "/tsdb-status", name: "TSDB status", icon: IconDatabase, storage: true },
  { path: "/flags", name: "Command-line flags", icon: IconFlag, storage: false },
  { path: "/config", name: "Configuration", icon: IconFileCode, storage: false },
  { path: "/alertmanager-discovery", name: "Alertmanager discovery", icon: IconAdjustments, storage: true },
];

const present = (pages: readonly Destination[]): Destination[] =>
  pages.filter((page) => !(page.storage && pageSettings.agentMode));

function StatusMenu() {
  const { pathname } = useLocation();
  const current = [...monitoringPages, ...serverPages].some((page) => page.path === pathname);
  const item = ({ path, name, icon: ItemIcon }: Destination) => (
    <Menu.Item
      key={path}
      component={Link}
      to={path}
      leftSection={<ItemIcon size={16} aria-hidden />}
      {...(path === pathname ? { "aria-current": "page" as const, fw: 600 } : {})}
    >
      {name}
    </Menu.Item>
  );
  return (
    <Menu shadow="md" width={270} position="bottom-start">
      <Menu.Target>
        <Button
          variant={current ? "light" : "subtle"}
          color={current ? "fennel" : "gray"}
          className="nav-link"
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          Status
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Monitoring</Menu.Label>
        {present(monitoringPages).map(item)}
        <Menu.Divider />
        <Menu.Label>Server</Menu.Label>
        {present(serverPages).map(item)}
      </Menu.Dropdown>
    </Menu>
  );
}

function MainLink({ path, name, icon: LinkIcon, onClick }: Destination & { onClick?: () => void }) {
  return (
    <NavLink to={path} className="nav-link nav-anchor" {...(onClick === undefined ? {} : { onClick })}>
      <LinkIcon size={16} aria-hidden />
      {name}
    </NavLink>
  );
}

function Consoles() {
  if (pageSettings.consolesLink === "") return null;
  return (
    <a className="nav-link nav-anchor" href={pageSettings.consolesLink}>
      <IconTerminal2 size={16} aria-hidden />
      Consoles
    </a>
  );
}

/** The server's pages: bar, gate, and the page of the route. */
export function ServerFrame() {
  const agentPage: Destination = { path: "/agent", name: "Agent", icon: IconInfoCircle, storage: false };
  const main = pageSettings.agentMode ? [agentPage] : mainPages;
  return (
    <>
      <Notifications position="top-right" />
      <Masthead
        home={`${pathPrefix}/${pageSettings.agentMode ? "agent" : "query"}`}
        navigation={
          <>
            {main.map((page) => (
              <MainLink key={page.path} {...page} />
            ))}
            <StatusMenu />
            <Consoles />
          </>
        }
        renderFolded={(close) => (
          <>
            {[...main, ...present(monitoringPages), ...present(serverPages)].map((page) => (
              <MainLink key={page.path} {...page} onClick={close} />
            ))}
            <Consoles />
          </>
        )}
        tools={
          <>
            <NoticeBell />
            <SettingsMenu />
            <ColorSchemeButton />
          </>
        }
      />
      <Container component="main" id="content" tabIndex={-1} fluid className="page">
        <ReadinessGate>
          <Suspense fallback={<LoadingRemark />}>
            <Outlet />
          </Suspense>
        </ReadinessGate>
      </Container>
    </>
  );
}
