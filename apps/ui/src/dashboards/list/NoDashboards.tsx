import { Anchor, Code } from "@mantine/core";
import { Link } from "react-router";
import { EmptyMessage } from "../../shell/StatusMessage.tsx";

export function NoDashboards() {
  return (
    <EmptyMessage title="There are no dashboards yet">
      <p>
        <Anchor component={Link} to="/dashboard/import" size="sm">
          Import a dashboard
        </Anchor>{" "}
        from its JSON, as Grafana exports it.
      </p>
      <p>
        <Anchor component={Link} to="/dashboard/generate" size="sm">
          Generate one
        </Anchor>{" "}
        from the metrics of a job.
      </p>
      <p>
        To load a folder of JSON files, name it in a file below <Code>provisioning/dashboards</Code>, with{" "}
        <Code>providers</Code> whose <Code>options.path</Code> is the folder. Changed files are read again.
      </p>
    </EmptyMessage>
  );
}
