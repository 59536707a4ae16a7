import "../styles/mantine.css";
import { type JsonObject, NEWEST_SCHEMA, readSource } from "@narthex/dashboards";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { EditableDashboard } from "../edit/EditableDashboard.tsx";
import { useIsEditor } from "../../shell/viewer.ts";
import { sourcesQuery } from "../data/dashboard-queries.ts";

const EMPTY: JsonObject = {
  id: null,
  uid: "",
  title: "New dashboard",
  tags: [],
  timezone: "browser",
  schemaVersion: NEWEST_SCHEMA,
  version: 0,
  editable: true,
  graphTooltip: 0,
  time: { from: "now-6h", to: "now" },
  refresh: "",
  annotations: {
    list: [
      {
        builtIn: 1,
        datasource: { type: "grafana", uid: "-- Grafana --" },
        enable: true,
        hide: true,
        iconColor: "rgba(0, 211, 255, 1)",
        name: "Annotations & Alerts",
        type: "dashboard",
      },
    ],
  },
  templating: { list: [] },
  links: [],
  panels: [],
};

export default function NewDashboardPage() {
  const [params] = useSearchParams();
  const [dashboard] = useState(() => readSource(EMPTY).dashboard);
  const isEditor = useIsEditor();
  const sources = useQuery(sourcesQuery);
  if (sources.error !== null) return <ErrorMessage error={sources.error} />;
  if (sources.data === undefined || isEditor === undefined) return <LoadingMessage />;
  if (!isEditor) {
    return (
      <EmptyMessage title="You may not create dashboards">
        Sign in, or ask an administrator for the role of an editor.
      </EmptyMessage>
    );
  }
  const meta = { canEdit: true, canSave: true, folderUid: params.get("folderUid") ?? "" };
  return <EditableDashboard dashboard={dashboard} meta={meta} sources={sources.data} isNew />;
}
