import { Badge, Code, Modal, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { prometheus } from "../api/prometheus.ts";
import { ApiError } from "../api/request.ts";
import type { RelabelStep } from "../api/target-data.ts";
import { quoteLabelName, quoteString } from "../format/series-name.ts";
import type { LabelSet } from "../format/series-name.ts";
import { Loaded } from "../shell/Loaded.tsx";
import { EmptyRemark } from "../shell/Remark.tsx";
import { labelChanges } from "./discovered-pool.ts";

function ruleText(rule: RelabelStep["rule"]): string {
  return Object.entries(rule)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("\n");
}

function Step({ number, step, before }: { number: number; step: RelabelStep; before: LabelSet }) {
  return (
    <Paper withBorder p="sm">
      <Text size="sm" fw={600} mb={6}>
        Rule {number}
      </Text>
      <Code block mb="xs">
        {ruleText(step.rule)}
      </Code>
      {!step.keep && <Badge color="red">dropped here</Badge>}
      {step.keep && (
        <ul className="label-changes">
          {labelChanges(before, step.output).map((change) => (
            <li key={change.name} data-change={change.kind}>
              <span className="label-name">{quoteLabelName(change.name)}</span>={quoteString(change.value)}
              {change.kind !== "kept" && <span className="change-word"> {change.kind}</span>}
            </li>
          ))}
        </ul>
      )}
    </Paper>
  );
}

function Steps({ pool, labels }: { pool: string; labels: LabelSet }) {
  const result = useQuery({
    queryKey: ["relabel-steps", pool, labels],
    queryFn: ({ signal }) => prometheus.relabelSteps(pool, labels, signal),
  });
  if (result.error instanceof ApiError && result.error.status === 404) {
    return <EmptyRemark title="This server does not show relabelling step by step" />;
  }
  return (
    <Loaded result={result} label="Loading relabelling steps">
      {({ steps }) => (
        <Stack gap="sm">
          {steps.length === 0 && (
            <EmptyRemark title="No relabelling rules">The labels stay as they were found.</EmptyRemark>
          )}
          {steps.map((step, index) => (
            <Step
              key={index}
              number={index + 1}
              step={step}
              before={index === 0 ? labels : (steps[index - 1]?.output ?? {})}
            />
          ))}
        </Stack>
      )}
    </Loaded>
  );
}

/** What each relabelling rule does to one target's labels. */
export function RelabelModal({ pool, labels, onClose }: { pool: string; labels: LabelSet; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} size="xl" title={`Relabelling in ${pool}, step by step`}>
      <Steps pool={pool} labels={labels} />
    </Modal>
  );
}
