import { lazy } from "react";
import { BrowserRouter, Navigate, Route, Routes, useLocation } from "react-router";
import { pathPrefix } from "./api/prometheus.ts";
import { QueryPage } from "./query/QueryPage.tsx";
import { mount } from "./shell/Root.tsx";
import { ServerFrame } from "./shell/ServerFrame.tsx";
import { nameUntitledPage, pageSettings } from "./shell/page-settings.ts";

const AlertsPage = lazy(() => import("./alerts/AlertsPage.tsx"));
const RulesPage = lazy(() => import("./rules/RulesPage.tsx"));
const TargetsPage = lazy(() => import("./targets/TargetsPage.tsx"));
const DiscoveryPage = lazy(() => import("./discovery/DiscoveryPage.tsx"));
const StatusPage = lazy(() => import("./status/StatusPage.tsx"));
const TsdbStatusPage = lazy(() => import("./status/TsdbStatusPage.tsx"));
const FlagsPage = lazy(() => import("./status/FlagsPage.tsx"));
const ConfigPage = lazy(() => import("./status/ConfigPage.tsx"));
const AlertmanagersPage = lazy(() => import("./status/AlertmanagersPage.tsx"));
const AgentPage = lazy(() => import("./status/AgentPage.tsx"));

/** Old links to the query page: the query string stays as it is. */
function GraphRedirect() {
  const { search } = useLocation();
  return <Navigate replace to={{ pathname: "/query", search }} />;
}

function ServerApp() {
  const start = pageSettings.agentMode ? "/agent" : "/query";
  return (
    <BrowserRouter basename={pathPrefix === "" ? "/" : pathPrefix} useTransitions={false}>
      <Routes>
        <Route element={<ServerFrame />}>
          <Route path="/query" element={<QueryPage />} />
          <Route path="/graph" element={<GraphRedirect />} />
          <Route path="/alerts" element={<AlertsPage />} />
          <Route path="/rules" element={<RulesPage />} />
          <Route path="/targets" element={<TargetsPage />} />
          <Route path="/service-discovery" element={<DiscoveryPage />} />
          <Route path="/status" element={<StatusPage />} />
          <Route path="/tsdb-status" element={<TsdbStatusPage />} />
          <Route path="/flags" element={<FlagsPage />} />
          <Route path="/config" element={<ConfigPage />} />
          <Route path="/alertmanager-discovery" element={<AlertmanagersPage />} />
          <Route path="/agent" element={<AgentPage />} />
          <Route path="*" element={<Navigate replace to={start} />} />
        </Route>
      </Routes>
    </BrowserRouter>
  );
}

nameUntitledPage();
mount(<ServerApp />);
