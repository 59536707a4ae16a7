import { Button } from "@mantine/core";
import { patchDashboard } from "@narthex/dashboards";
import { IconPencil } from "@tabler/icons-react";
import { useDashboardEdit } from "./edit-context.ts";

/** Begins to edit a dashboard; one that is marked as not to be edited is unmarked by it. */
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
