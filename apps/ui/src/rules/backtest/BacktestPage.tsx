import { NativeSelect, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { prometheus } from "../../api/prometheus.ts";
import type { RuleGroup } from "../../api/rule-data.ts";
import { PageHeader } from "../../shell/PageHeader.tsx";
import { ErrorMessage } from "../../shell/StatusMessage.tsx";
import { useUrlText } from "../../shell/url-state.ts";
import { loadedContent, ruleFileText } from "./rule-file-text.ts";
import RunBacktest from "./RunBacktest.tsx";

/** Largest number of groups in the list. */
const MAX_GROUPS = 1000;

const keyOf = ({ file, name }: RuleGroup): string => JSON.stringify([file, name]);

/** The page that shows what rules would have done in the past. */
export default function BacktestPage() {
  const [chosen, setChosen] = useUrlText("group");
  const result = useQuery({
    queryKey: ["backtest groups"],
    queryFn: ({ signal }) => prometheus.rules(undefined, signal),
  });
  const groups = result.data?.data.groups;
  const group = groups?.find((one) => keyOf(one) === chosen);
  const text = useMemo(() => (group === undefined ? "" : ruleFileText(loadedContent(group))), [group]);
  return (
    <>
      <PageHeader title="Backtest">What rules would have done in the past</PageHeader>
      <Stack gap="md">
        {result.isError && <ErrorMessage error={result.error} title="The loaded rules are not known" />}
        <NativeSelect
          label="Loaded group"
          description="Copies the rules of a group into the field below. A query_offset of the group and behaviours are not copied."
          value={group === undefined ? "" : chosen}
          data={[
            { value: "", label: "None: write or paste rules" },
            ...(groups ?? [])
              .slice(0, MAX_GROUPS)
              .map((one) => ({ value: keyOf(one), label: `${one.name}, ${one.file}` })),
          ]}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
        {(groups?.length ?? 0) > MAX_GROUPS && (
          <Text size="sm" c="dimmed">
            The list contains the first {MAX_GROUPS} of {groups!.length} groups.
          </Text>
        )}
        <RunBacktest key={text} initialRules={text} file={group?.file} />
      </Stack>
    </>
  );
}
