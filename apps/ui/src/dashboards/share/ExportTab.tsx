import { Stack, Switch, Text } from "@mantine/core";
import { exportDashboard, type Panel } from "@narthex/dashboards";
import { useMemo, useState } from "react";
import { useDashboardContext } from "../data/dashboard-context.ts";
import { fileName } from "../panel/inspect/frame-csv.ts";
import { JsonText } from "../panel/inspect/JsonText.tsx";

/** Shows the JSON of a dashboard or panel. For export to other installations, data sources are replaced by inputs. */
export function ExportTab({ panel }: { panel: Panel | undefined }) {
  const { dashboard, sources } = useDashboardContext();
  const [isForOthers, setForOthers] = useState(false);
  const json = useMemo(() => {
    if (panel !== undefined) return panel.source;
    if (!isForOthers) return dashboard.source;
    return exportDashboard(dashboard.source, sources, { name: "Narthex", version: "" });
  }, [panel, dashboard, sources, isForOthers]);
  return (
    <Stack gap="sm">
      {panel === undefined && (
        <Switch
          label="Export for sharing externally"
          description="Data sources and constants become inputs, for which the import asks"
          checked={isForOthers}
          onChange={({ currentTarget: { checked } }) => setForOthers(checked)}
        />
      )}
      {panel !== undefined && (
        <Text size="sm" c="dimmed">
          The JSON of the panel, a part of the dashboard’s JSON.
        </Text>
      )}
      <JsonText json={json} name={`${fileName(panel === undefined ? dashboard.title : panel.title || "panel")}.json`} />
    </Stack>
  );
}
