import { Button } from "@mantine/core";
import { patchDashboard } from "@narthex/dashboards";
import { IconPencil } from "@tabler/icons-react";
import { useDashboardEdit } from "../draft/edit-context.ts";

/**
 * A button that starts to edit a dashboard. If the dashboard's JSON has `editable: false`, the button removes this
 * setting.
 */
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
