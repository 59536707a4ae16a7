import { Badge, Code, Modal, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { prometheus } from "../api/prometheus.ts";
import { ApiError } from "../api/request.ts";
import type { RelabelStep, RelabelSteps } from "../api/target-data.ts";
import { quoteString } from "../format/series-name.ts";
import type { LabelSet } from "../format/series-name.ts";
import { LabelPair, Labels } from "../shell/Labels.tsx";
import { Loaded } from "../shell/Loaded.tsx";
import { EmptyMessage } from "../shell/StatusMessage.tsx";
import { labelChanges } from "./discovered-pool.ts";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./RelabelModal.module.css";

const css = classesOf(styles);

function ruleText(rule: RelabelStep["rule"]): string {
  return Object.entries(rule)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("\n");
}

interface StepProps {
  number: number;
  step: RelabelStep;
  before: LabelSet;
  /** Whether an earlier relabeling rule has dropped the target. */
  over: boolean;
}

function Step({ number, step, before, over }: StepProps) {
  return (
    <Paper withBorder p="sm">
      <Text size="sm" fw={600} mb={6}>
        Rule {number}
      </Text>
      <Code block mb="xs">
        {ruleText(step.rule)}
      </Code>
      {step.value !== undefined && (
        <Text size="sm" c="dimmed" mb={6} style={{ overflowWrap: "anywhere" }}>
          {quoteString(step.value)}
          {step.matched === true && " matches"}
          {step.matched === false && " does not match"}
        </Text>
      )}
      {over && (
        <Text size="sm" c="dimmed">
          not reached
        </Text>
      )}
      {!step.keep && !over && <Badge color="red">dropped here</Badge>}
      {step.keep && (
        <ul className={css("changes")}>
          {labelChanges(before, step.output).map((change) => (
            <li key={change.name} data-change={change.kind}>
              <LabelPair name={change.name} value={change.value} />
              {change.kind !== "kept" && <span className={css("kind")}> {change.kind}</span>}
            </li>
          ))}
        </ul>
      )}
    </Paper>
  );
}

/** Shows the target's final labels, or that the target was dropped. */
function Verdict({ target }: { target: NonNullable<RelabelSteps["target"]> }) {
  if (target.outcome === "dropped") return null;
  return (
    <Paper withBorder p="sm">
      <Text size="sm" fw={600} mb={6}>
        {target.outcome === "active" ? "Target" : "No target"}
      </Text>
      {target.outcome === "failed" ? (
        <Badge color="red" tt="none">
          {target.error}
        </Badge>
      ) : (
        <Stack gap={6}>
          <Labels labels={target.labels} />
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {target.scrapeUrl}
          </Text>
        </Stack>
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
    return <EmptyMessage title="This server does not show relabeling step by step" />;
  }
  return (
    <Loaded result={result} label="Loading relabeling steps">
      {({ steps, target }) => (
        <Stack gap="sm">
          {steps.length === 0 && (
            <EmptyMessage title="No relabeling rules">The discovered labels are not changed.</EmptyMessage>
          )}
          {steps.map((step, index) => (
            <Step
              key={index}
              number={index + 1}
              step={step}
              before={index === 0 ? labels : (steps[index - 1]?.output ?? {})}
              over={index > 0 && steps[index - 1]?.keep === false}
            />
          ))}
          {target !== undefined && <Verdict target={target} />}
        </Stack>
      )}
    </Loaded>
  );
}

/** Shows the effect of each relabeling rule on one target's labels. */
export function RelabelModal({ pool, labels, onClose }: { pool: string; labels: LabelSet; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} size="xl" title={`Relabelling in ${pool}, step by step`}>
      <Steps pool={pool} labels={labels} />
    </Modal>
  );
}
