import { Badge, Group, Text } from "@mantine/core";
import { useDashboardContext } from "../../../data/dashboard-context.ts";

/** Maximum number of values that are shown. */
const MAX_DRAWN = 60;
const PREVIEWED: ReadonlySet<string> = new Set(["query", "custom", "interval", "datasource"]);

/** Shows the values that users can select if the variable is saved with its current definition. */
export function VariablePreview({ name, type }: { name: string; type: string }) {
  const { states, pending } = useDashboardContext();
  if (!PREVIEWED.has(type)) return null;
  const isFetching = pending.has(name);
  const state = states.get(name);
  const failure = isFetching ? undefined : state?.error;
  const options = state?.options ?? [];
  return (
    <div aria-busy={isFetching}>
      <Text size="sm" fw={500} mb={4}>
        Preview of values{!isFetching && failure === undefined && ` (${options.length})`}
      </Text>
      {failure !== undefined && (
        <Text size="sm" c="var(--promql-invalid)" role="alert">
          {failure}
        </Text>
      )}
      {failure === undefined && !isFetching && options.length === 0 && (
        <Text size="sm" c="dimmed">
          There are no values.
        </Text>
      )}
      <Group gap={6} role="list" aria-label="Preview of values">
        {options.slice(0, MAX_DRAWN).map(({ text, value }) => (
          <Badge key={value} role="listitem" variant="light" color="gray" tt="none" c="var(--mantine-color-text)">
            {text === value ? value : `${text} : ${value}`}
          </Badge>
        ))}
        {options.length > MAX_DRAWN && (
          <Text size="xs" c="dimmed">
            and {options.length - MAX_DRAWN} more
          </Text>
        )}
      </Group>
    </div>
  );
}
