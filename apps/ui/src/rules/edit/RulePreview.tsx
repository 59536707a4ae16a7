import { Alert, Badge, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { prometheus } from "../../api/prometheus.ts";
import { storedRules } from "../../api/stored-rules.ts";
import { ResultTable } from "../../query/ResultTable.tsx";
import { EmptyMessage, ErrorMessage, LoadingMessage, QueryAnnotations } from "../../shell/StatusMessage.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import { nowMs } from "../../time/browser-clock.ts";
import styles from "./edit.module.css";

const css = classesOf(styles);

/** Shows the current result of a rule's expression. For an alerting rule, each element would be an alert. */
export function ResultPreview({ expr, isAlert }: { expr: string; isAlert: boolean }) {
  const result = useQuery({
    queryKey: ["rule preview", expr],
    queryFn: ({ signal }) => prometheus.query(expr, nowMs() / 1000, signal),
    gcTime: 0,
    retry: false,
    structuralSharing: false,
  });
  if (result.isPending) return <LoadingMessage label="Running the query" />;
  if (result.isError) return <ErrorMessage error={result.error} title="Error executing query" />;
  const { data, warnings, infos } = result.data;
  const count = Array.isArray(data.result) && data.resultType === "vector" ? data.result.length : undefined;
  return (
    <Stack gap="xs">
      <QueryAnnotations level="warning" texts={warnings} />
      <QueryAnnotations level="info" texts={infos} />
      {count === 0 ? (
        <EmptyMessage title={isAlert ? "No alert at this moment" : "No sample at this moment"}>
          The expression selects nothing now.
        </EmptyMessage>
      ) : (
        <>
          {count !== undefined && (
            <Text size="sm">
              {count} {isAlert ? (count === 1 ? "alert" : "alerts") : "series"} at this moment
            </Text>
          )}
          <div className={css("preview")} tabIndex={0} role="group" aria-label="Result">
            <ResultTable data={data} scroller="element" />
          </div>
        </>
      )}
    </Stack>
  );
}

/** Shows the receivers to which each Alertmanager would send an alert with these labels. */
export function ReceiversPreview({ labels }: { labels: Readonly<Record<string, string>> }) {
  const result = useQuery({
    queryKey: ["receivers", labels],
    queryFn: ({ signal }) => storedRules.receivers(labels, signal),
    gcTime: 0,
    retry: false,
  });
  if (result.isPending) return <LoadingMessage label="Asking the Alertmanagers" />;
  if (result.isError) return <ErrorMessage error={result.error} />;
  const { alertmanagers, more } = result.data.data;
  if (alertmanagers.length === 0) {
    return (
      <Alert color="yellow" variant="light" title="No Alertmanager">
        The configuration has no Alertmanager under alerting, or none is discovered. Nobody is notified of this alert.
      </Alert>
    );
  }
  return (
    <Stack gap="xs">
      <Text size="xs" c="dimmed">
        The routes are compared with the labels of the rule. Labels of the series can lead to other receivers.
      </Text>
      {alertmanagers.map(({ url, receivers, error }) => (
        <Group key={url} gap="xs">
          <Text size="sm" className="wrap-anywhere">
            {url}
          </Text>
          {receivers.map((name) => (
            <Badge key={name} variant="light" tt="none">
              {name}
            </Badge>
          ))}
          {error !== undefined && (
            <Text size="sm" c="red" className="wrap-anywhere">
              {error}
            </Text>
          )}
        </Group>
      ))}
      {more && <Text size="sm">Further Alertmanagers are not shown.</Text>}
    </Stack>
  );
}
