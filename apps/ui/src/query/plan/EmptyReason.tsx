import { Alert, Button, Center, Text } from "@mantine/core";
import { IconInfoCircle, IconZoomQuestion } from "@tabler/icons-react";
import { skipToken, useQuery } from "@tanstack/react-query";
import { use, useState } from "react";
import type { QueryAnalysis } from "../../api/narthex.ts";
import { useDataSource } from "../../datasource/data-source-context.ts";
import type { AnalysisTime } from "../../datasource/data-source.ts";
import { ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { ExpressionContext } from "../expression-context.ts";

/** Shows the server's reason for an empty result. A button runs the query that the user has probably meant. */
export function ReasonMessage({
  reason,
  reasonIn,
  suggestion,
}: Pick<QueryAnalysis, "reasonIn" | "suggestion"> & { reason: string }) {
  const { onReplace } = use(ExpressionContext);
  return (
    <Alert color="yellow" variant="light" icon={<IconInfoCircle size={18} />} title="Why the result is empty">
      <Text size="sm" className="wrap-anywhere">
        {reason}
      </Text>
      {reasonIn !== undefined && (
        <Text size="xs" c="dimmed" mt={4} className="wrap-anywhere">
          In <code>{reasonIn}</code>
        </Text>
      )}
      {suggestion !== undefined && onReplace !== undefined && (
        <Button size="xs" mt="xs" variant="default" onClick={() => onReplace(suggestion.query)}>
          Use {suggestion.use}
        </Button>
      )}
    </Alert>
  );
}

/** A button next to an empty result that requests the reason. Hidden if the data source cannot analyze queries. */
export function EmptyReason({
  expr,
  at,
  queryKey,
}: {
  expr: string;
  at: AnalysisTime;
  /** Cache key of the query whose result is empty. A different key resets this component. */
  queryKey: readonly unknown[];
}) {
  const { analyze } = useDataSource().capabilities;
  const key = JSON.stringify([...queryKey, expr]);
  const [requested, setRequested] = useState<{ readonly key: string; readonly at: AnalysisTime }>();
  // Evaluation time of the request for the reason. The time stays the same while the page repeats the query.
  const time = requested?.key === key ? requested.at : undefined;
  const result = useQuery({
    queryKey: [...queryKey, "reason", expr, time],
    queryFn: analyze === undefined || time === undefined ? skipToken : ({ signal }) => analyze(expr, time, signal),
    gcTime: 0,
  });
  if (analyze === undefined) return null;
  // The button is shown before the user requests the reason, and again after the request was cancelled.
  if (time === undefined || (result.data === undefined && !result.isFetching && !result.isError))
    return (
      <Center pb="md">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconZoomQuestion size={16} aria-hidden />}
          onClick={() => (time === undefined ? setRequested({ key, at }) : void result.refetch())}
        >
          Why is it empty?
        </Button>
      </Center>
    );
  if (result.isError) return <ErrorMessage error={result.error} title="The query cannot be explained" />;
  if (result.data === undefined) return <LoadingMessage label="Looking for the reason" />;
  const { reason = "The query was repeated, and now has a result." } = result.data.data;
  return <ReasonMessage {...result.data.data} reason={reason} />;
}
