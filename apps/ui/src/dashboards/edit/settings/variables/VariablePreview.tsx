import { Badge, Group, Text } from "@mantine/core";
import { interpolateJson, loadVariables, type Lookup, type Variable, type VariableOption } from "@narthex/dashboards";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { errorSentence } from "../../../../shell/StatusMessage.tsx";
import { useDashboardContext } from "../../../page/dashboard-context.ts";
import { fetchVariableValues } from "../../../page/dashboard-api.ts";
import { findSource } from "../../../query/ask-panel.ts";
import { useDashboardEdit } from "../../edit-context.ts";

/** Values that are drawn. */
const MOST_DRAWN = 60;
const PREVIEWED: ReadonlySet<string> = new Set(["query", "custom", "interval", "datasource"]);

/** The values that readers will choose from, as the variable is now. */
export function VariablePreview({ name, type }: { name: string; type: string }) {
  const { dashboard } = useDashboardEdit();
  const { sources, range, lookupFor } = useDashboardContext();
  const [params] = useSearchParams();
  const isWanted = PREVIEWED.has(type);
  const { data, error, isFetching } = useQuery({
    queryKey: ["variable preview", dashboard.uid, name, dashboard.variables.map(({ source }) => source), sources],
    queryFn: async ({ signal }) => {
      const ask = (variable: Variable, lookup: Lookup): Promise<readonly VariableOption[]> => {
        const source = findSource(variable.datasource, sources, lookup);
        if (source === undefined) return Promise.reject(new Error("There is no such data source."));
        const query = interpolateJson(variable.query, lookup, source.type === "prometheus" ? "promql" : "glob");
        return fetchVariableValues({ uid: source.uid }, query, range, signal);
      };
      const filled = await loadVariables(
        dashboard.variables,
        { params },
        { sources, builtIns: lookupFor(new Map()), ask, signal },
      );
      const state = filled.get(name);
      return { options: state?.options ?? [], error: state?.error };
    },
    enabled: isWanted,
    placeholderData: keepPreviousData,
  });
  if (!isWanted) return null;
  const failure = error === null ? data?.error : errorSentence(error);
  const options = data?.options ?? [];
  return (
    <div aria-busy={isFetching}>
      <Text size="sm" fw={500} mb={4}>
        Preview of values{data !== undefined && failure === undefined && ` (${options.length})`}
      </Text>
      {failure !== undefined && (
        <Text size="sm" c="var(--promql-invalid)" role="alert">
          {failure}
        </Text>
      )}
      {failure === undefined && data !== undefined && options.length === 0 && (
        <Text size="sm" c="dimmed">
          There are no values.
        </Text>
      )}
      <Group gap={6} role="list" aria-label="Preview of values">
        {options.slice(0, MOST_DRAWN).map(({ text, value }) => (
          <Badge key={value} role="listitem" variant="light" color="gray" tt="none" c="var(--mantine-color-text)">
            {text === value ? value : `${text} : ${value}`}
          </Badge>
        ))}
        {options.length > MOST_DRAWN && (
          <Text size="xs" c="dimmed">
            and {options.length - MOST_DRAWN} more
          </Text>
        )}
      </Group>
    </div>
  );
}
