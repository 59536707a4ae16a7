import { Alert, Anchor } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { Link } from "react-router";
import type { SourceHealth } from "./data-sources-api.ts";

/**
 * Shows whether the server can reach a data source, otherwise the reason.
 * @param explore path of the page that queries the data source; undefined if it has no queries
 */
export function HealthMessage({
  health: { isOk, message },
  explore,
}: {
  health: SourceHealth;
  explore: string | undefined;
}) {
  return isOk ? (
    <Alert color="fennel" variant="light" role="status" icon={<IconCircleCheck size={18} />} title="It works">
      {message}{" "}
      {explore !== undefined && (
        <Anchor component={Link} to={explore} inherit underline="always">
          Explore
        </Anchor>
      )}
    </Alert>
  ) : (
    <Alert color="red" variant="light" role="alert" icon={<IconAlertTriangle size={18} />} title="It does not work yet">
      {message}
    </Alert>
  );
}
