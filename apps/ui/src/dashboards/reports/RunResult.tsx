import { Badge, Text } from "@mantine/core";
import { TimeText } from "../people/frame/TimeText.tsx";
import type { ReportRun } from "./report-api.ts";

const COLORS: Readonly<Record<ReportRun["status"], string>> = { sent: "fennel", failed: "red", missed: "ember" };

/** Shows the time and the result of a sending, with the reason of a failure. */
export function RunResult({ run: { status, due, error } }: { run: ReportRun }) {
  return (
    <>
      <Badge size="xs" variant="light" color={COLORS[status]}>
        {status}
      </Badge>{" "}
      <TimeText time={new Date(due).toISOString()} />
      {error !== "" && (
        <Text size="xs" c={status === "sent" ? "dimmed" : "red"} className="wrap-anywhere">
          {error}
        </Text>
      )}
    </>
  );
}
