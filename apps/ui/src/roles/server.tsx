import { Box } from "@mantine/core";
import {
  IconActivity,
  IconAdjustments,
  IconBellCog,
  IconBellRinging,
  IconChartPie,
  IconDatabase,
  IconEdit,
  IconFileCode,
  IconFlag,
  IconHeartRateMonitor,
  IconHistory,
  IconInfoCircle,
  IconListCheck,
  IconRadar,
  IconSearch,
  IconTargetArrow,
} from "@tabler/icons-react";
import { whenLoaded } from "../shell/when-loaded.tsx";
import { Navigate, useLocation } from "react-router";
import { pageSettings } from "../api/page-settings.ts";
import type { LinkSection, PageLink, Role } from "../shell/role.ts";
import { Account } from "./account.tsx";
import { queryActions } from "./query-actions.tsx";

/** Links to the server's pages in the navigation bar. */
const links: readonly PageLink[] = [
  { path: "/query", name: "Query", icon: IconSearch },
  { path: "/alerts", name: "Alerts", icon: IconBellRinging },
];
const agentLinks: readonly PageLink[] = [{ path: "/agent", name: "Agent", icon: IconInfoCircle }];
const menu: readonly LinkSection[] = [
  {
    name: "Monitoring",
    links: [
      { path: "/targets", name: "Target health", icon: IconHeartRateMonitor },
      { path: "/rules", name: "Rule health", icon: IconListCheck },
      { path: "/objectives", name: "Service level objectives", icon: IconTargetArrow },
      { path: "/alert-quality", name: "Alert quality", icon: IconBellCog },
      { path: "/edit-rules", name: "Edit rules", icon: IconEdit },
      { path: "/backtest", name: "Backtest", icon: IconHistory },
      { path: "/service-discovery", name: "Service discovery", icon: IconRadar },
    ],
  },
  {
    name: "Server",
    links: [
      { path: "/status", name: "Runtime & build information", icon: IconInfoCircle },
      { path: "/tsdb-status", name: "TSDB status", icon: IconDatabase },
      { path: "/active-queries", name: "Active queries", icon: IconActivity },
      { path: "/metric-usage", name: "Metric usage", icon: IconChartPie },
      { path: "/flags", name: "Command-line flags", icon: IconFlag },
      { path: "/config", name: "Configuration", icon: IconFileCode },
      { path: "/alertmanager-discovery", name: "Alertmanager discovery", icon: IconAdjustments },
    ],
  },
];
/** Paths of pages that do not exist in agent mode, which has no rules, local storage and Alertmanagers. */
const storagePages: ReadonlySet<string> = new Set([
  "/rules",
  "/objectives",
  "/alert-quality",
  "/edit-rules",
  "/backtest",
  "/tsdb-status",
  "/active-queries",
  "/metric-usage",
  "/alertmanager-discovery",
]);

const agentMenu = menu.map((section) => ({
  ...section,
  links: section.links.filter(({ path }) => !storagePages.has(path)),
}));

const QueryPage = whenLoaded(() => import("../query/QueryPage.tsx"));

function StartRedirect() {
  return <Navigate replace to={serverRole.start} />;
}

/** Redirects old paths of the query page. The URL parameters are kept. */
function GraphRedirect() {
  const { search } = useLocation();
  return <Navigate replace to={{ pathname: "/query", search }} />;
}

/** Place of two buttons, so that their neighbours do not move when the code arrives. */
const toolsPlace = <Box w="4.25rem" />;
const ServerTools = whenLoaded(() => import("../shell/ServerTools.tsx"), toolsPlace);

function Tools() {
  return (
    <>
      <ServerTools />
      <Account />
    </>
  );
}

/** The pages of the Prometheus server, also for agent mode. */
export const serverRole: Role = {
  start: pageSettings.agentMode ? "/agent" : "/query",
  pages: [
    { path: "/", Page: StartRedirect },
    { path: "/query", Page: Object.assign(() => <QueryPage actions={queryActions} />, { load: QueryPage.load }) },
    { path: "/graph", Page: GraphRedirect },
    { path: "/alerts", Page: whenLoaded(() => import("../alerts/AlertsPage.tsx")) },
    { path: "/rules", Page: whenLoaded(() => import("../rules/RulesPage.tsx")) },
    { path: "/objectives", Page: whenLoaded(() => import("../objectives/ObjectivesPage.tsx")) },
    { path: "/alert-quality", Page: whenLoaded(() => import("../rules/AlertQualityPage.tsx")) },
    { path: "/edit-rules", Page: whenLoaded(() => import("../rules/edit/EditRulesPage.tsx")) },
    { path: "/backtest", Page: whenLoaded(() => import("../rules/backtest/BacktestPage.tsx")) },
    { path: "/targets", Page: whenLoaded(() => import("../targets/TargetsPage.tsx")) },
    { path: "/service-discovery", Page: whenLoaded(() => import("../discovery/DiscoveryPage.tsx")) },
    { path: "/status", Page: whenLoaded(() => import("../status/StatusPage.tsx")) },
    { path: "/tsdb-status", Page: whenLoaded(() => import("../status/TsdbStatusPage.tsx")) },
    { path: "/active-queries", Page: whenLoaded(() => import("../status/ActiveQueriesPage.tsx")) },
    { path: "/metric-usage", Page: whenLoaded(() => import("../status/MetricUsagePage.tsx")) },
    { path: "/flags", Page: whenLoaded(() => import("../status/FlagsPage.tsx")) },
    { path: "/config", Page: whenLoaded(() => import("../status/ConfigPage.tsx")) },
    { path: "/alertmanager-discovery", Page: whenLoaded(() => import("../status/AlertmanagersPage.tsx")) },
    { path: "/agent", Page: whenLoaded(() => import("../status/AgentPage.tsx")) },
  ],
  links: pageSettings.agentMode ? agentLinks : links,
  menu: pageSettings.agentMode ? agentMenu : menu,
  consolesLink: pageSettings.consolesLink,
  Tools,
  waitsUntilReady: true,
};
