import { Alert, Button, Code, Text } from "@mantine/core";
import { IconInfoCircle, IconPlus } from "@tabler/icons-react";
import { useMemo } from "react";
import { PickButton } from "../../inputs/PickButton.tsx";
import { LabelFilters } from "./LabelFilters.tsx";
import { printParts, type PromqlParts, selectorText } from "./promql-parts.ts";
import { readParts } from "./read-parts.ts";
import { useMetricNames } from "./source-labels.ts";
import { StepCard } from "./StepCard.tsx";
import { stepKinds } from "./step-kinds.ts";
import { TextButton } from "../../../../../shell/TextButton.tsx";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { itemMoved } from "../../../list-order.ts";
import styles from "./QueryBuilder.module.css";

const css = classesOf(styles);

const stepOptions = stepKinds.map(({ name, group, description }) => ({
  value: name,
  text: name,
  hint: `${group}: ${description}`,
}));

export function QueryBuilder({
  uid,
  expr,
  onCommit,
  onCode,
}: {
  uid: string | undefined;
  expr: string;
  onCommit: (expr: string) => void;
  onCode: () => void;
}) {
  const parts = useMemo(() => readParts(expr), [expr]);
  if (parts === undefined)
    return (
      <Alert variant="light" color="yellow" icon={<IconInfoCircle size={18} />} title="Shown as code only">
        <Text size="sm">
          The builder does not support a part of this expression, or the expression is incomplete. It stays unchanged:
        </Text>
        <Code block>{expr}</Code>
        <Button size="xs" mt="xs" variant="default" onClick={onCode}>
          Edit as code
        </Button>
      </Alert>
    );
  return <PartsForm uid={uid} parts={parts} onCommit={onCommit} />;
}

function PartsForm({
  uid,
  parts,
  onCommit,
}: {
  uid: string | undefined;
  parts: PromqlParts;
  onCommit: (expr: string) => void;
}) {
  const metrics = useMetricNames(uid);
  const { metric, steps } = parts;
  const set = (change: Partial<PromqlParts>): void => onCommit(printParts({ ...parts, ...change }));
  const selector = selectorText(parts);
  return (
    <div className={css("builder")}>
      <div className={css("series")}>
        <div className={css("metric")}>
          <span className={css("label")}>Metric</span>
          <PickButton
            label="Metric"
            text={metric === "" ? "Select metric" : metric}
            options={metrics.map((name) => ({ value: name, text: name }))}
            chosen={metric}
            takesOthers
            emptyText="No metric matches."
            onPick={(name) => set({ metric: name })}
          />
        </div>
        <LabelFilters uid={uid} metric={metric} filters={parts.filters} onChange={(filters) => set({ filters })} />
      </div>
      <div className={css("steps")}>
        {steps.map((step, at) => (
          <StepCard
            // The index is the React key, because operations have no id.
            // oxlint-disable-next-line react/no-array-index-key
            key={at}
            uid={uid}
            selector={selector === "" ? undefined : selector}
            step={step}
            isFirst={at === 0}
            isLast={at === steps.length - 1}
            onChange={(next) => set({ steps: steps.with(at, next) })}
            onRemove={() => set({ steps: steps.toSpliced(at, 1) })}
            onMove={(by) => set({ steps: itemMoved(steps, at, at + by) })}
          />
        ))}
        <div className={css("add")}>
          <PickButton
            label="Add operation"
            text="Operations"
            options={stepOptions}
            onPick={(name) => {
              const kind = stepKinds.find((one) => one.name === name);
              if (kind !== undefined) set({ steps: [...steps, kind.make()] });
            }}
          />
        </div>
      </div>
      <Hint parts={parts} onChange={set} />
      <Code block className={css("expr")}>
        {printParts(parts) || " "}
      </Code>
    </div>
  );
}

/** Suggests adding a rate if the metric is a counter, and a quantile if the metric contains histogram buckets. */
function Hint({ parts, onChange }: { parts: PromqlParts; onChange: (change: Partial<PromqlParts>) => void }) {
  const { metric, steps } = parts;
  const isCounter = /_(?:total|sum|count|bucket)$/.test(metric);
  if (!isCounter || steps.length > 0) return null;
  const rate = { kind: "function", name: "rate", before: [], after: [], range: "$__rate_interval" } as const;
  const isBucket = metric.endsWith("_bucket");
  const quantile = [
    rate,
    { kind: "aggregate", name: "sum", before: [], grouping: "by", labels: ["le"] } as const,
    { kind: "function", name: "histogram_quantile", before: ["0.95"], after: [] } as const,
  ];
  return (
    <Text size="xs" c="dimmed" component="div">
      {isBucket ? "This looks like a histogram. " : "This looks like a counter. "}
      <TextButton onClick={() => onChange({ steps: isBucket ? quantile : [rate] })}>
        <IconPlus size={12} aria-hidden /> {isBucket ? "Show its 95 % quantile" : "Show its rate"}
      </TextButton>
    </Text>
  );
}
