import { Button } from "@mantine/core";
import { patchDashboard } from "@narthex/dashboards";
import { IconPencil } from "@tabler/icons-react";
import { useDashboardEdit } from "./edit-context.ts";

/** Starts to edit a dashboard. If the dashboard is marked as not editable, the button removes the mark. */
export function EditButton() {
  const { begin, change, dashboard } = useDashboardEdit();
  const start = (): void => {
    begin();
    if (!dashboard.editable)
      change("Make editable", (json) => patchDashboard(json, [{ path: ["editable"], value: true }]));
  };
  return (
    <Button size="xs" variant="default" leftSection={<IconPencil size={15} aria-hidden />} onClick={start}>
      {dashboard.editable ? "Edit" : "Make editable"}
    </Button>
  );
}
