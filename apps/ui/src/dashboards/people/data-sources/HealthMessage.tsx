import { Alert } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import type { SourceHealth } from "./data-sources-api.ts";

/** Shows whether the server can reach a data source, otherwise the reason. */
export function HealthMessage({ health: { isOk, message } }: { health: SourceHealth }) {
  return isOk ? (
    <Alert color="fennel" variant="light" role="status" icon={<IconCircleCheck size={18} />} title="It works">
      {message}
    </Alert>
  ) : (
    <Alert color="red" variant="light" role="alert" icon={<IconAlertTriangle size={18} />} title="It does not work yet">
      {message}
    </Alert>
  );
}
